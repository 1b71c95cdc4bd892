# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
A camera in a world: pictures, with the depth and the actor behind every pixel.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import cv2
import numpy as np

from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.sim.render import raindrops
from mm_fusion_ros.sim.render.lens import Development
from mm_fusion_ros.sim.render.rays import NO_ACTOR, Rays
from mm_fusion_ros.sim.render.shading import shader_of
from mm_fusion_ros.sim.render.surfaces import View
from mm_fusion_ros.sim.sensors.camera_settings import CameraSettings
from mm_fusion_ros.sim.sensors.pixel_rays import pixel_rays

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.render.scene import Scene
    from mm_fusion_ros.sim.render.weather import Weather

_Number = TypeVar('_Number', np.float32, np.int32)

__all__ = ['Camera', 'CameraSettings', 'CameraShot']


@dataclass(frozen=True, slots=True, eq=False)
class CameraShot:
    """
    One picture, and the truth about it.

    Attributes
    ----------
    pixels : (H, W, 3) uint8
        sRGB.
    depth_m : (H, W) float32
        Along the optical axis, m; infinite for the sky, and where the lens shows nothing.
    actors : (H, W) int32
        Indices of the world's actors, NO_ACTOR for all else.

    """

    pixels: NDArray[np.uint8]
    depth_m: NDArray[np.float32]
    actors: NDArray[np.int32]


class Camera:
    """
    Takes pictures.

    Parameters
    ----------
    settings : CameraSettings
        Of the camera.

    Attributes
    ----------
    model : CameraModel
        What CameraInfo says.
    T_base_camera : (4, 4) float64
        Pose of the optical frame in base_link.

    """

    def __init__(self, settings: CameraSettings) -> None:
        self.settings = settings
        self.model = settings.model()
        self.T_base_camera = settings.T_base_camera()
        self._rays = pixel_rays(self.model)
        self._ray_of_pixel = np.full(self.model.width * self.model.height, -1, np.intp)
        self._ray_of_pixel[self._rays.pixels] = np.arange(len(self._rays.pixels))
        self._lens = Development(
            settings.exposure_ev, settings.noise, settings.blur_px, settings.vignetting,
            settings.chromatic_px)

    def render(
        self, scene: Scene, T_world_camera: NDArray[np.float64], time_s: float,
        weather: Weather, rng: np.random.Generator | None,
    ) -> CameraShot:
        """
        Take a picture.

        Parameters
        ----------
        scene : Scene
            Moved to about where the camera is.
        T_world_camera : (4, 4) float64
            Pose of the optical frame.
        time_s : float
            When, s since the world began.
        weather : Weather
            In what light.
        rng : Generator, optional
            Noise, and rain before the lens; none without it.

        """
        T_scene_camera = scene.T_scene_world @ T_world_camera
        hits = scene.cast(Rays(
            self._rays.directions[None], T_scene_camera[None], np.array([time_s]),
            self.settings.range_m))
        T_world_base = T_world_camera @ transforms.inverse(self.T_base_camera)
        view = View(T_world_base, time_s, 1.0 / float(self.model.matrix[0, 0]),
                    partial(self._rays_to, transforms.inverse(T_scene_camera)))
        light = self._image(shader_of(scene, weather).radiance(hits, view))
        if rng is not None:
            light = raindrops.fallen(light, weather, time_s, rng)
        return CameraShot(
            pixels=self._lens.pixels(light, weather, rng),
            depth_m=self._on_pixels(hits.distances * self._rays.directions[:, 2], np.inf),
            actors=self._on_pixels(hits.actors, NO_ACTOR),
        )

    def _rays_to(
        self, T_camera_scene: NDArray[np.float64], places: NDArray[np.float32]
    ) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Find the rays that look at places (M, 3) in the scene, -1 for none, and distances."""
        local = transforms.apply(T_camera_scene, places)
        shown = self.model.project(local)
        pixels = np.rint(np.where(shown.visible[:, None], shown.pixels, 0.0)).astype(np.intp)
        rays = self._ray_of_pixel[pixels[:, 1] * self.settings.width + pixels[:, 0]]
        return np.where(shown.visible, rays, -1), np.sqrt(np.einsum('ij,ij->i', local, local))

    def _image(self, planar: NDArray[np.float32]) -> NDArray[np.float32]:
        planes = [self._on_pixels(plane, 0.0) for plane in planar]
        return np.asarray(cv2.merge(planes), np.float32)

    def _on_pixels(self, values: NDArray[_Number], otherwise: float) -> NDArray[_Number]:
        """Put a value for each ray (N,) where its pixel is: (H, W)."""
        shape = self.settings.height, self.settings.width
        if len(values) == shape[0] * shape[1]:
            return values.reshape(shape)
        image = np.full(shape[0] * shape[1], otherwise, values.dtype)
        image[self._rays.pixels] = values
        return image.reshape(shape)
