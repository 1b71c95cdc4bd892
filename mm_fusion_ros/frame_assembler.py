# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Turns the messages of one match into a `SensorFrame`: converted, with models and transforms.

Ego motion moves everything to the stamp of the frame. A message that cannot be used leaves its
sensor out of the frame, with the reason; it never takes the rest of the frame with it.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, TYPE_CHECKING

from mm_fusion_ros.data_types import CameraInput, LidarInput, SensorFrame, SensorState
from mm_fusion_ros.ego_motion.compensation import MotionCompensation
from mm_fusion_ros.ego_motion.own_motion import own_motion
from mm_fusion_ros.ego_motion.poses import EgoPoses
from mm_fusion_ros.errors import InvalidMessageError, MmFusionError, TransformError
from mm_fusion_ros.geometry.pose_buffer import PoseQuality
from mm_fusion_ros.geometry.transform_tree import TransformTree
from mm_fusion_ros.input_checks import moved, SensorCheck
from mm_fusion_ros.messages.convert_in import (
    add_transforms,
    check_image_fits,
    PointTimeSettings,
    to_camera_image,
    to_camera_model,
    to_lidar_sweep,
)
from mm_fusion_ros.sync.counts import Fate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import EgoMotion
    from mm_fusion_ros.ego_motion.compensation import MotionUse
    from mm_fusion_ros.geometry.projection import CameraModel
    from mm_fusion_ros.intake import Received
    from mm_fusion_ros.perception_config import PerceptionConfig
    from mm_fusion_ros.sync.match import Match, MatchMember, Sample

_REFUSED = {
    Fate.LATE: 'a message came after the frame to which it belongs',
    Fate.OUT_OF_ORDER: 'messages came out of order',
    Fate.DUPLICATE: 'a message came twice',
    Fate.INVALID_STAMP: 'a stamp was zero, or far from the others',
}


class FrameAssembler:
    """
    Knows the calibration as it is now and the ego poses, and converts matches with them.

    Parameters
    ----------
    config : PerceptionConfig
        Names the sensors and how to read them.

    Attributes
    ----------
    poses : EgoPoses
        What `add_odometry` and `add_transforms` gave.
    motion : MotionCompensation
        Uses them.

    """

    def __init__(self, config: PerceptionConfig) -> None:
        self._config = config
        self._tree = TransformTree()
        self.poses = EgoPoses(config.ego_motion, config.base_frame, self._tree)
        self.motion = MotionCompensation(config, self.poses)
        self._uses_tf_poses = config.ego_motion.source == 'tf'
        self._infos: dict[str, Any] = {}  # newest CameraInfo of each camera
        self._models: dict[str, tuple[Any, CameraModel]] = {}  # with the message it was made of
        self._max_pixels = round(config.max_image_megapixels * 1e6)
        self._lidars = dict(zip(config.lidars, config.lidar, strict=True))
        self._cameras = dict(zip(config.cameras, config.camera, strict=True))
        self._rejected: Counter[str] = Counter()
        self._needs_dynamic = False
        self._checks = {name: SensorCheck(config.checks) for name in config.sensors}
        self._mountings: dict[str, tuple[int, NDArray[np.float64]]] = {}
        self._motion_uses: dict[str, str] = {}  # quality of the poses by sensor, of this frame
        self._noticed: list[str] = []  # about the frame that is made, or will be made next

    @property
    def conflicts(self) -> tuple[str, ...]:
        """Frames that were given two parents."""
        return self._tree.conflicts

    @property
    def needs_dynamic_transforms(self) -> bool:
        """Whether a sensor of the last frame had no transform, so that /tf may help."""
        return self._needs_dynamic

    def rejected(self, sensor: str) -> int:
        """Count the messages of a sensor that could not be used."""
        return self._rejected[sensor]

    def reject(self, sensor: str, problem: str) -> None:
        """Count a message of a sensor that could not be read; the next frame says so."""
        self._rejected[sensor] += 1
        self._notice(sensor, (problem,))

    def set_camera_info(self, camera: str, message: Any) -> None:
        """Take in a CameraInfo; it holds from the next frame on."""
        self._infos[camera] = message

    def add_transforms(self, message: Any, *, is_static: bool) -> tuple[str, ...]:
        """
        Take in a TFMessage.

        Returns
        -------
        tuple of str
            What was wrong with single transforms; the others are taken.

        """
        edges, problems = add_transforms(self._tree, message, is_static=is_static)
        if self._uses_tf_poses and not is_static:
            self.poses.add_transforms(edges)
        return problems

    def add_odometry(self, message: Any) -> tuple[str, ...]:
        """
        Take in an Odometry of the vehicle.

        Returns
        -------
        tuple of str
            Why it could not be used; empty if it could.

        """
        return self.poses.add_odometry(message)

    def reset_time(self) -> None:
        """Forget what belongs to a time, as after a bag started again."""
        self._tree.clear_dynamic()
        self.poses.clear()
        self.motion.forget()

    def assemble(self, match: Match[Received]) -> SensorFrame:
        """
        Convert a match.

        Parameters
        ----------
        match : Match
            Messages that belong together.

        Returns
        -------
        SensorFrame
            With those sensors whose message, calibration and transform are usable.

        """
        self._needs_dynamic = False
        lidars: list[LidarInput] = []
        cameras: list[CameraInput] = []
        states = []
        self._motion_uses = {}
        for member in match.members:
            problem = self._missing(member)
            self._notice(member.name, tuple(_REFUSED[fate] for fate in member.refused))
            try:
                if member.present and member.name in self._lidars:
                    lidars.append(self._lidar(member.name, member.samples[-1], match.stamp_ns))
                elif member.present:
                    cameras.append(self._camera(member.name, member.samples[-1], match.stamp_ns))
            except MmFusionError as err:
                self._rejected[member.name] += isinstance(err, InvalidMessageError)
                problem = str(err)
            states.append(self._state(member, problem))
        noticed, self._noticed = self._noticed, []
        return SensorFrame(
            stamp_ns=match.stamp_ns,
            frame_id=self._config.base_frame,
            lidars=tuple(lidars),
            cameras=tuple(cameras),
            sensors=tuple(states),
            ego=self._ego(match.stamp_ns),
            warnings=(
                *(f'{state.name}: {state.problem}' for state in states if state.problem),
                *noticed,
            ),
        )

    def _ego(self, stamp_ns: int) -> EgoMotion | None:
        """Tell how the vehicle moves; None where poses do not reach."""
        if self.poses.newest_ns is None:
            return None
        qualities: list[int] = []

        def poses_at(stamps_ns: NDArray[np.int64]) -> NDArray[np.float64]:
            found = self.poses.at(stamps_ns)
            qualities.append(int(found.quality.max()))
            return found.T

        motion = own_motion(poses_at, stamp_ns)
        return None if max(qualities) == PoseQuality.STATIC else motion

    def _missing(self, member: MatchMember[Received]) -> str:
        if member.present:
            return ''
        if member.age_ns is None:
            return f'no message on {self._config.sensors[member.name].topic} yet'
        return 'no message near this stamp'

    def _state(self, member: MatchMember[Received], problem: str) -> SensorState:
        return SensorState(
            name=member.name,
            kind='lidar' if member.name in self._lidars else 'camera',
            present=member.present and not problem,
            offset_ns=member.offset_ns or 0,
            age_ns=-1 if member.age_ns is None else member.age_ns,
            problem=problem,
            ego_motion=self._motion_uses.get(member.name, ''),
        )

    def _lidar(self, name: str, sample: Sample[Received], frame_ns: int) -> LidarInput:
        config = self._lidars[name]
        times = PointTimeSettings(
            config.time_field, config.time_unit, config.time_reference, config.stamp_is)
        sweep = to_lidar_sweep(sample.payload.message, times)
        if not len(sweep):
            raise InvalidMessageError('sweep', 'a valid point', f'none ({sweep.num_dropped} bad)')
        T_base_lidar = self._to_base(name, sweep.frame_id, sample.stamp_ns)
        self._notice(name, self._checks[name].sweep(
            sample.stamp_ns, sample.arrival_ns, sweep))
        sweep, use = self.motion.deskew(name, sweep, (sample.stamp_ns, frame_ns), T_base_lidar)
        self._note_motion(name, use)
        return LidarInput(name, sweep, T_base_lidar)

    def _camera(self, name: str, sample: Sample[Received], frame_ns: int) -> CameraInput:
        image = to_camera_image(sample.payload.message, self._max_pixels)
        model = self._model(name)
        check_image_fits(model, image)
        T_base_camera = self._to_base(name, image.frame_id, sample.stamp_ns)
        self._notice(name, self._checks[name].picture(
            sample.stamp_ns, sample.arrival_ns, image))
        T_base_camera, use = self.motion.camera_at(
            name, (sample.stamp_ns, frame_ns), T_base_camera)
        self._note_motion(name, use)
        return CameraInput(name, image, model, T_base_camera)

    def _model(self, name: str) -> CameraModel:
        info = self._infos.get(name)
        if info is None:
            topic = self._cameras[name].info_topic
            raise TransformError(f'{name} calibration', f'a CameraInfo on {topic}', 'none yet')
        made_of, model = self._models.get(name, (None, None))
        if model is None or (made_of is not info and not _same_calibration(made_of, info)):
            model = to_camera_model(info, self._cameras[name].rectified)
            if made_of is not None:
                self._notice(name, ('its calibration has changed',))
        self._models[name] = (info, model)
        return model

    def _to_base(self, name: str, frame_id: str, stamp_ns: int) -> NDArray[np.float64]:
        version = self._tree.version  # before the transform it is the version of, at least
        try:
            T_base_sensor = self._tree.lookup(self._config.base_frame, frame_id, stamp_ns)
        except TransformError:
            self._needs_dynamic = True
            raise
        known_version, known = self._mountings.get(name, (version, T_base_sensor))
        if version != known_version:
            self._notice(name, moved(known, T_base_sensor))
        self._mountings[name] = version, T_base_sensor
        return T_base_sensor

    def _note_motion(self, name: str, use: MotionUse) -> None:
        self._motion_uses[name] = use.quality
        if use.warning:
            self._notice(name, (use.warning,))

    def _notice(self, name: str, texts: tuple[str, ...]) -> None:
        self._noticed += [f'{name}: {text}' for text in texts]


def _same_calibration(a: Any, b: Any) -> bool:
    names = ('width', 'height', 'distortion_model', 'binning_x', 'binning_y', 'roi')
    if any(getattr(a, name) != getattr(b, name) for name in names):
        return False
    return all(bytes(memoryview(getattr(a, n))) == bytes(memoryview(getattr(b, n))) for n in 'kdp')
