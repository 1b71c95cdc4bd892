# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Simulated scenes that no training has seen, and what may be wrong with the sensors in them.

The truth that counts is the same under every condition: what the whole, unharmed rig could see.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.transform import Rotation

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.evaluation.detection_frame import FrameDetections, is_worth_counting
from mm_fusion_ros.evaluation.detection_slices import occlusion_levels
from mm_fusion_ros.evaluation.image_view import hidden_shares, ImageView
from mm_fusion_ros.sim.assembled import assembled
from mm_fusion_ros.sim.dataset import FrameSource, SimulatedFrames
from mm_fusion_ros.stamps import NS_PER_MS
from mm_fusion_ros.training.augment.dropout import with_sensors
from mm_fusion_ros.training.augment.sweeps import thinned_beams

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import Boxes3D, CameraInput, SensorFrame
    from mm_fusion_ros.sim.frames import LabelledFrame
    from mm_fusion_ros.sim.truth import MapTruth

RIG = 'surround'
FIRST_SEED, SCENES, FRAMES_PER_SCENE = 500_000, 60, 4
_BURST = 2
# How far objects of a class count, m; nuScenes counts them so far too.
_REACH_M = {
    ObjectClass.CAR: 50.0, ObjectClass.TRUCK: 50.0, ObjectClass.BUS: 50.0,
    ObjectClass.CYCLIST: 40.0, ObjectClass.PEDESTRIAN: 40.0, ObjectClass.BARRIER: 30.0,
}

Change = Callable[['SensorFrame', np.random.Generator], 'SensorFrame']


@dataclass(frozen=True, slots=True)
class Condition:
    """
    What is wrong.

    Attributes
    ----------
    name : str
        In tables.
    weather : str
        Its name; empty for that of the scene.
    camera_lag_ms : float
        How much before the LiDAR cameras measure.
    tells_lag : bool
        Whether the stamps of images say so.
    deskews : bool
        Whether the vehicle's own motion is taken out of sweeps.
    change : callable, optional
        What happens to each frame then; draws from a generator of the scene's own.

    """

    name: str
    weather: str = ''
    camera_lag_ms: float = 0.0
    tells_lag: bool = True
    deskews: bool = True
    change: Change | None = None


@dataclass(frozen=True, slots=True, eq=False)
class HeldOutFrame:
    """
    A frame of a scene.

    Attributes
    ----------
    frame : SensorFrame
        As perception gets it under the condition.
    truth : Boxes3D
        N boxes in `base_link`.
    counts : (N,) bool
        Which of them count.
    occlusions : (N,) int8
        How much of each is hidden from the cameras, as in `FrameDetections`.
    ground : MapTruth
        The map around the vehicle.
    scene : str
        Of which scene.

    """

    frame: SensorFrame
    truth: Boxes3D
    counts: NDArray[np.bool_]
    occlusions: NDArray[np.int8]
    ground: MapTruth
    scene: str

    def with_answers(self, answers: Boxes3D) -> FrameDetections:
        """
        Put answers beside the truth.

        Those beyond the reach of their class count if they hit something that does: what stands
        just within must not be missed for an answer just beyond.
        """
        return FrameDetections(
            answers, self.truth, self.scene, self.frame.stamp_ns, ignored=~self.counts,
            excused=~_within_reach(answers), occlusions=self.occlusions)


def held_out_frames(
    condition: Condition, cache: Path, scenes: int = SCENES
) -> Iterator[HeldOutFrame]:
    """
    Give the frames of all scenes, scene by scene, in order of time.

    Parameters
    ----------
    condition : Condition
        What is wrong.
    cache : Path
        Folder where rendered frames are kept.
    scenes : int
        How many of the scenes, from the first one on.

    """
    unharmed = FrameSource(RIG, FIRST_SEED, scenes, FRAMES_PER_SCENE, burst=_BURST)
    source = replace(
        unharmed, weather=condition.weather, camera_lag_ms=condition.camera_lag_ms)
    for seed in range(FIRST_SEED, FIRST_SEED + scenes):
        for labelled, whole in _world(source, unharmed, seed, cache):
            rng = np.random.default_rng(seed)  # what is wrong stays so for a whole scene
            counts = is_worth_counting(whole.boxes, whole.visible_px) & _within_reach(whole.boxes)
            yield HeldOutFrame(
                _under(condition, labelled, rng), whole.boxes, counts, _occlusions(whole),
                whole.ground, str(seed))


def _world(
    source: FrameSource, unharmed: FrameSource, seed: int, cache: Path
) -> Iterator[tuple[LabelledFrame, LabelledFrame]]:
    """Give each frame of a scene, and what the unharmed rig sees at that instant."""
    frames = SimulatedFrames(source, cache).world(seed)
    if source == unharmed:
        return ((frame, frame) for frame in frames)
    return zip(frames, SimulatedFrames(unharmed, cache).world(seed), strict=True)


def _occlusions(labelled: LabelledFrame) -> NDArray[np.int8]:
    views = [ImageView(camera.model, camera.T_base_camera) for camera in labelled.frame.cameras]
    return occlusion_levels(hidden_shares(labelled.boxes, labelled.visible_px, views))


def _under(
    condition: Condition, labelled: LabelledFrame, rng: np.random.Generator
) -> SensorFrame:
    if not condition.tells_lag:
        lag_ns = round(condition.camera_lag_ms * NS_PER_MS)
        cameras = tuple(
            replace(camera, image=replace(
                camera.image, stamp_ns=camera.image.stamp_ns + lag_ns))
            for camera in labelled.frame.cameras)
        labelled = replace(labelled, frame=replace(labelled.frame, cameras=cameras))
    frame = assembled(labelled, deskews=condition.deskews).frame
    return frame if condition.change is None else condition.change(frame, rng)


def _within_reach(boxes: Boxes3D) -> NDArray[np.bool_]:
    reach_m = np.array([_REACH_M.get(ObjectClass(each), 0.0) for each in boxes.classes])
    within: NDArray[np.bool_] = np.hypot(*boxes.centers[:, :2].T) < reach_m
    return within


def without_cameras(frame: SensorFrame, _: np.random.Generator) -> SensorFrame:
    """Lose all cameras."""
    return with_sensors(frame, frame.lidars, ())


def without_lidars(frame: SensorFrame, _: np.random.Generator) -> SensorFrame:
    """Lose all LiDARs."""
    return with_sensors(frame, (), frame.cameras)


def with_a_camera_lost(frame: SensorFrame, rng: np.random.Generator) -> SensorFrame:
    """Lose one of the cameras."""
    lost = int(rng.integers(len(frame.cameras)))
    return with_sensors(
        frame, frame.lidars, (*frame.cameras[:lost], *frame.cameras[lost + 1:]))


def with_a_quarter_of_the_beams(frame: SensorFrame, _: np.random.Generator) -> SensorFrame:
    """Keep every fourth beam."""
    return replace(frame, lidars=tuple(
        replace(lidar, sweep=thinned_beams(lidar.sweep, 4, 0)) for lidar in frame.lidars))


def with_turned_cameras(frame: SensorFrame, rng: np.random.Generator) -> SensorFrame:
    """Turn each camera by 1 deg about an axis of its own."""
    def turned(camera: CameraInput) -> CameraInput:
        axis = rng.standard_normal(3)
        T = camera.T_base_camera.copy()
        T[:3, :3] = T[:3, :3] @ Rotation.from_rotvec(
            np.radians(1.0) * axis / np.linalg.norm(axis)).as_matrix()
        return replace(camera, T_base_camera=T)

    return replace(frame, cameras=tuple(map(turned, frame.cameras)))


FULL = Condition('full')
CONDITIONS = (
    FULL,
    Condition('no camera', change=without_cameras),
    Condition('no LiDAR', change=without_lidars),
    Condition('one camera lost', change=with_a_camera_lost),
    Condition('64 to 16 beams', change=with_a_quarter_of_the_beams),
    Condition('night', weather='night'),
    Condition('fog', weather='fog'),
    Condition('cameras 80 ms late, stamps true', camera_lag_ms=80.0),
    Condition('cameras 80 ms late, stamps wrong', camera_lag_ms=80.0, tells_lag=False),
    Condition('cameras turned by 1 deg', change=with_turned_cameras),
    Condition('not deskewed', deskews=False),
)
