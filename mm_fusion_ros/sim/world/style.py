# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What makes one part of the country look unlike another.
"""

from __future__ import annotations

from dataclasses import dataclass

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Style:
    """
    A kind of settlement. Shares are between 0 and 1; ranges are drawn from anew for each thing.

    Attributes
    ----------
    spacing_m : Range
        Between junctions, m.
    removed : float
        Share of the inner streets that are left out, as far as the rest stays connected.
    main, rural : float
        Share of main streets, and of rural roads, among all lines of streets.
    is_rim_rural : bool
        Whether a rural road leads around it all.
    sidewalk_m : Range
        Width, m.
    parking : float
        Share of the town's streets with parking lanes.
    setback_m : Range
        From the sidewalk to the houses, m.
    gap_m : Range
        Between houses, m.
    width_m, depth_m, storeys : Range
        Of houses.
    gabled, shops, sheds : float
        Share of houses with such roofs, with shops, and of halls instead of houses.
    built : float
        Share of plots with a house.
    edged : float
        Share of gardens with a hedge, fence or wall in front.
    street_tree_m : float
        Distance of trees along sidewalks, m.
    garden_trees : float
        Trees a plot.
    furnished : float
        How much stands on sidewalks, 1 for a lot.

    """

    spacing_m: Range
    removed: float
    main: float
    rural: float
    is_rim_rural: bool
    sidewalk_m: Range
    parking: float
    setback_m: Range
    gap_m: Range
    width_m: Range
    depth_m: Range
    storeys: Range
    gabled: float
    shops: float
    sheds: float
    built: float
    edged: float
    street_tree_m: float
    garden_trees: float
    furnished: float


CITY = Style(
    spacing_m=(112, 150), removed=.15, main=.5, rural=.0, is_rim_rural=False,
    sidewalk_m=(2.6, 4.0), parking=.7, setback_m=(.2, 1.5), gap_m=(.0, 2.5), width_m=(12, 26),
    depth_m=(11, 15), storeys=(3, 6), gabled=.35, shops=.5, sheds=.0, built=.95, edged=.05,
    street_tree_m=13.0, garden_trees=.3, furnished=1.0)
SUBURB = Style(
    spacing_m=(120, 180), removed=.25, main=.25, rural=.1, is_rim_rural=False,
    sidewalk_m=(1.5, 2.4), parking=.55, setback_m=(4, 8), gap_m=(4, 12), width_m=(8, 14),
    depth_m=(8, 11), storeys=(1, 2), gabled=.9, shops=.03, sheds=.05, built=.92, edged=.8,
    street_tree_m=28.0, garden_trees=1.6, furnished=.45)
RESIDENTIAL = Style(
    spacing_m=(112, 160), removed=.25, main=.35, rural=.0, is_rim_rural=False,
    sidewalk_m=(1.8, 3.0), parking=.85, setback_m=(2, 6), gap_m=(.5, 8), width_m=(9, 22),
    depth_m=(9, 13), storeys=(2, 4), gabled=.7, shops=.12, sheds=.0, built=.95, edged=.55,
    street_tree_m=17.0, garden_trees=.8, furnished=.7)
INDUSTRIAL = Style(
    spacing_m=(150, 215), removed=.25, main=.55, rural=.25, is_rim_rural=False,
    sidewalk_m=(1.5, 2.2), parking=.4, setback_m=(6, 16), gap_m=(6, 22), width_m=(16, 40),
    depth_m=(16, 30), storeys=(1, 4), gabled=.05, shops=.05, sheds=.75, built=.85, edged=.75,
    street_tree_m=45.0, garden_trees=.5, furnished=.35)
COUNTRY = Style(
    spacing_m=(165, 220), removed=.28, main=.2, rural=.6, is_rim_rural=True,
    sidewalk_m=(1.5, 2.0), parking=.25, setback_m=(3, 10), gap_m=(6, 20), width_m=(9, 16),
    depth_m=(8, 12), storeys=(1, 2), gabled=.95, shops=.05, sheds=.2, built=.75, edged=.6,
    street_tree_m=60.0, garden_trees=2.0, furnished=.25)
STYLES = (CITY, SUBURB, RESIDENTIAL, INDUSTRIAL, COUNTRY)
