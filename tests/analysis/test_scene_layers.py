"""Volume, planes, clipping, picking and colours of objects in a scene."""

from dataclasses import replace

import numpy as np
import pytest
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkUnsignedCharArray

from sxtstudio.analysis.clipping import clip_planes
from sxtstudio.analysis.graphics import Graphics
from sxtstudio.analysis.morphometry import measure
from sxtstudio.analysis.object_colours import (
    OBJECT,
    measured_values,
    number_objects,
    ramp,
)
from sxtstudio.analysis.objects import find_objects
from sxtstudio.analysis.offscreen import offscreen_window
from sxtstudio.analysis.overlay import column_words
from sxtstudio.analysis.scene import ClassStyle, Scene, SceneRenderer
from sxtstudio.analysis.surface import Mesher
from sxtstudio.analysis.volume_layer import (
    STEPS_PER_UM,
    ceiling_of,
    copy_volume,
    without_denser,
)
from sxtstudio.core.scene import (
    Camera,
    Clipping,
    ClipPlane,
    Colouring,
    Slices,
    TransferFunction,
    TransferPoint,
)
from sxtstudio.core.transfer_presets import PRESETS
from sxtstudio.core.volume import LabelMap, Tomogram
from tests.analysis.shapes import ball_labels

SIZE_UM = (0.05, 0.05, 0.05)
SHAPE = (44, 40, 40)
SOFTWARE = Graphics(name="software", software=True, texture_edge=2048)
BARE = Scene(scale_bar=False, axes=False)
RED = ClassStyle(label=1, name="Lipid bodies", colour="#e53935")
GLASS = ClassStyle(label=2, name="Cytoplasm", colour="#8090ff", opacity=0.12)
RED_LAC = TransferFunction(
    name="red",
    points=(
        TransferPoint(lac_per_um=0.4, opacity=0.0, colour="#ff0000"),
        TransferPoint(lac_per_um=0.5, opacity=0.9, colour="#ff0000"),
    ),
)


def cell():
    """Return a glassy cell with a large ball at low x and a small one at high x, LAC 0.6."""
    labels_ZYX = np.zeros(SHAPE, np.uint8)
    labels_ZYX[ball_labels(SHAPE, (1.0, 1.0, 1.0), 0.9, SIZE_UM)] = 2
    labels_ZYX[ball_labels(SHAPE, (1.0, 1.0, 0.6), 0.3, SIZE_UM)] = 1
    labels_ZYX[ball_labels(SHAPE, (1.0, 1.0, 1.5), 0.15, SIZE_UM)] = 1
    lac_ZYX = np.array([0.1, 0.6, 0.3], np.float32)[labels_ZYX]
    names = {1: "lipid", 2: "cytoplasm"}
    label_map = LabelMap(labels_ZYX=labels_ZYX, names=names, voxel_size_um=SIZE_UM)
    return Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=SIZE_UM), label_map


class Stage:
    def __init__(self, scene=BARE, size=(240, 240), *, light=False):
        self.tomogram, self.label_map = cell()
        mesher = Mesher(self.label_map.labels_ZYX, SIZE_UM, [1, 2])
        self.surfaces = mesher.surfaces(10**9)
        self.scene = SceneRenderer(scene, (RED, GLASS))
        self.scene.set_tomogram(self.tomogram)
        self.scene.set_surfaces(self.surfaces, mesher.surfaces(1500) if light else None)
        self.size = size
        self.window = offscreen_window(*size)
        self.window.SetMultiSamples(0)
        self.window.AddRenderer(self.scene.renderer)
        self.scene.reset_camera("z")

    def picture(self):
        width, height = self.size
        self.window.Render()
        values = vtkUnsignedCharArray()
        self.window.GetPixelData(0, 0, width - 1, height - 1, 0, values, 0)
        return vtk_to_numpy(values).reshape(height, width, 3)[::-1].astype(int)

    def triangles(self):
        return [
            part.actor.GetMapper().GetInput().GetNumberOfPolys()
            for part in self.scene._parts.values()
        ]


def red(picture):
    """Return where a picture is red."""
    return (picture[..., 0] > 90) & (picture[..., 0] > 1.5 * picture[..., 1:].max(axis=-1))


def test_a_moving_scene_is_drawn_with_fewer_triangles():
    stage = Stage(light=True)
    fine = sum(stage.triangles())
    stage.scene.set_moving(True)
    assert sum(stage.triangles()) < 0.5 * fine
    assert red(stage.picture()).sum() > 500
    stage.scene.set_moving(False)
    assert sum(stage.triangles()) == fine


def test_a_box_cuts_surfaces_open():
    stage = Stage()
    whole = red(stage.picture())
    stage.scene.set_scene(replace(BARE, clipping=Clipping(low=(0.5, 0, 0))))
    half = red(stage.picture())
    columns = np.nonzero(half.any(axis=0))[0]
    assert 0 < half.sum() < 0.5 * whole.sum()
    assert columns.min() >= 118  # the large ball at low x is gone
    plane = ClipPlane(point_um=(1.0, 1.0, 1.0), normal=(-1.0, 0.0, 0.0))
    stage.scene.set_scene(replace(BARE, clipping=Clipping(planes=(plane,))))
    assert np.nonzero(red(stage.picture()).any(axis=0))[0].max() < 122
    stage.scene.set_scene(BARE)
    assert (red(stage.picture()) == whole).all()


def test_a_box_that_holds_everything_cuts_nothing():
    assert clip_planes(Clipping(), (0, 0, 0), (1, 2, 3)) == ()
    low, high = clip_planes(Clipping(low=(0, 0.5, 0), high=(1, 1, 0.5)), (0, 0, 1), (1, 2, 3))
    assert low == ClipPlane(point_um=(0, 1, 1), normal=(0, 1, 0))
    assert high == ClipPlane(point_um=(0, 0, 2), normal=(0, 0, -1))


def test_lac_is_drawn_as_a_volume_where_it_is():
    stage = Stage(replace(BARE, surfaces=False, volume=RED_LAC))
    assert red(stage.picture()).sum() == 0
    stage.scene.volume.set_copy(copy_volume(stage.tomogram, SOFTWARE), SOFTWARE)
    found = red(stage.picture())
    stage.scene.set_scene(BARE)
    solid = red(stage.picture())
    assert found.sum() == pytest.approx(solid.sum(), rel=0.25)
    assert (found & solid).sum() > 0.85 * solid.sum()
    stage.scene.volume.set_copy(None, SOFTWARE)
    assert not stage.scene.volume.has_copy


def test_a_volume_is_cut_by_the_same_box():
    whole = replace(BARE, surfaces=False, volume=RED_LAC)
    stage = Stage(whole)
    stage.scene.volume.set_copy(copy_volume(stage.tomogram, SOFTWARE), SOFTWARE)
    assert np.nonzero(red(stage.picture()).any(axis=0))[0].min() < 70
    stage.scene.set_scene(replace(whole, clipping=Clipping(low=(0.5, 0, 0))))
    assert np.nonzero(red(stage.picture()).any(axis=0))[0].min() >= 117


@pytest.mark.parametrize("preset", PRESETS, ids=lambda it: it.name)
def test_every_preset_draws_something_of_a_cell(preset):
    stage = Stage(replace(BARE, surfaces=False, volume=preset))
    stage.scene.volume.set_copy(copy_volume(stage.tomogram, SOFTWARE), SOFTWARE)
    picture = stage.picture()
    background = picture[:, :1]
    organelle = np.abs(picture - background).sum(axis=2) > 30
    middle = organelle[100:140, 50:100]
    whole_cell = preset.name != "Mitochondria and chloroplast"
    assert organelle.sum() > (300 if whole_cell else 0)
    assert middle.any() or preset.name == "Mitochondria and chloroplast"


def test_presets_go_up_in_lac_and_stay_between_clear_and_solid():
    for preset in PRESETS:
        lacs = [point.lac_per_um for point in preset.points]
        assert lacs == sorted(lacs)
        assert preset.points[0].opacity == 0
        assert all(0 <= point.opacity <= 1 for point in preset.points)
    assert len({preset.name for preset in PRESETS}) == len(PRESETS)


def test_a_volume_too_large_for_the_driver_is_averaged_until_it_fits():
    tomogram, _ = cell()
    copy = copy_volume(tomogram, replace(SOFTWARE, texture_edge=16))
    assert copy.factor == 4
    assert copy.steps_ZYX.shape == (11, 10, 10)
    assert copy.voxel_size_um == pytest.approx((0.2, 0.2, 0.2))
    mean = tomogram.lac_ZYX[:4, 16:20, 16:20].mean()
    assert copy.steps_ZYX[0, 4, 4] == pytest.approx(mean * STEPS_PER_UM, abs=1)
    assert copy.words(SOFTWARE) == "Drawn by the processor, at 1/4 resolution"
    whole = copy_volume(tomogram, replace(SOFTWARE, software=False))
    assert whole.words(replace(SOFTWARE, software=False, name="GPU 7")) == "Drawn by GPU 7"


def test_means_that_are_there_already_are_used():
    tomogram, _ = cell()
    levels = [np.full((22, 20, 20), 0.25, np.float16), np.full((11, 10, 10), 0.5, np.float16)]
    copy = copy_volume(tomogram, replace(SOFTWARE, texture_edge=16), levels)
    assert (copy.steps_ZYX == 0.5 * STEPS_PER_UM).all()


def test_planes_of_the_tomogram_stand_where_they_belong():
    slices = Slices(voxel=(None, None, 12), lac_window=(0.1, 0.6))
    stage = Stage(replace(BARE, surfaces=False, slices=slices))
    stage.scene.reset_camera("x")
    picture = stage.picture()
    brightness = picture.sum(axis=2) / 3
    assert brightness.max() > 240  # the ball, LAC 0.6
    rows, columns = np.nonzero(brightness > 240)
    assert rows.mean() == pytest.approx(120, abs=6)
    assert np.ptp(columns) == pytest.approx(np.ptp(rows), abs=4)
    stage.scene.set_scene(replace(BARE, surfaces=False))
    assert (stage.picture().sum(axis=2) / 3).max() < 100


def test_an_organelle_is_picked_through_the_glass_around_it():
    stage = Stage()
    stage.window.Render()
    rows, columns = np.nonzero(red(stage.picture()))
    left = columns < 120
    x, y = columns[left].mean(), 239 - rows[left].mean()
    found = stage.scene.pick(x, y)
    assert found is not None
    label, (at_x, at_y, at_z) = found
    assert label == 1
    assert (at_x, at_y) == pytest.approx((0.6, 1.0), abs=0.06)
    assert abs(at_z - 1.0) == pytest.approx(0.3, abs=0.05)
    assert stage.scene.pick(120, 40)[0] == 2
    assert stage.scene.pick(2, 2) is None


def test_each_object_has_the_colour_of_what_was_measured_on_it():
    stage = Stage()
    objects = find_objects(stage.label_map.labels_ZYX, [1, 2])
    number_objects(stage.surfaces, objects, SIZE_UM)
    numbers = vtk_to_numpy(stage.surfaces[1].GetCellData().GetArray(OBJECT))
    counts = np.bincount(numbers)
    assert counts[0] == 0
    assert len(counts) == 3
    assert counts[1] > counts[2] > 50
    table = measure(stage.tomogram, stage.label_map, "cell")
    stage.scene.set_measurements(table, stage.label_map.names)
    stage.scene.set_scene(
        replace(BARE, colouring=Colouring(column="volume_um3", low=0.0141, high=0.113))
    )
    stage.scene.set_style(replace(GLASS, visible=False))
    assert stage.scene.colour_scale is not None
    picture = stage.picture()
    yellow = (picture[..., 0] > 120) & (picture[..., 1] > 110) & (picture[..., 2] < 100)
    violet = (picture[..., 2] > 1.3 * picture[..., 1]) & (picture[..., 2] > 40)
    assert np.nonzero(yellow[:, :200])[1].mean() < 110  # the large ball, at low x
    assert 130 < np.nonzero(violet[:, :200])[1].mean() < 200
    assert red(picture).sum() < 20
    # The legend names no class whose colour is not in the picture.
    stage.scene.set_scene(replace(stage.scene.scene, legend=True))
    assert red(stage.picture()).sum() == red(picture).sum()
    stage.scene.set_scene(replace(BARE, legend=True))
    listed = red(stage.picture()).sum()
    stage.scene.set_scene(BARE)
    assert listed > red(stage.picture()).sum() + 8
    assert red(stage.picture()).sum() > 500


def test_what_was_not_measured_is_grey_and_has_no_span():
    assert ramp(np.array([0.0, 1.0, np.nan])).tolist() == [
        [65, 68, 135],
        [253, 231, 37],
        [128, 128, 128],
    ]
    tomogram, label_map = cell()
    table = measure(tomogram, label_map, "cell")
    assert measured_values(table, "no such column", label_map.names) == {}
    values = measured_values(table, "volume_um3", label_map.names)
    assert {label: len(v) for label, v in values.items()} == {1: 2, 2: 1}


def test_what_is_hidden_or_glass_has_no_say_in_the_span_and_keeps_its_colour():
    stage = Stage()
    objects = find_objects(stage.label_map.labels_ZYX, [1, 2])
    number_objects(stage.surfaces, objects, SIZE_UM)
    table = measure(stage.tomogram, stage.label_map, "cell")
    values = measured_values(table, "volume_um3", stage.label_map.names)
    stage.scene.set_measurements(table, stage.label_map.names)
    stage.scene.set_scene(replace(BARE, colouring=Colouring(column="volume_um3")))
    scale = stage.scene.colour_scale
    assert scale is not None
    assert values[1].max() <= scale.high < values[2].max()
    assert stage.surfaces[2].GetCellData().GetScalars() is None
    stage.scene.set_style(replace(GLASS, opacity=1.0))
    assert stage.scene.colour_scale is not None
    assert stage.scene.colour_scale.high >= values[2].max()
    stage.scene.set_style(replace(GLASS, opacity=1.0, visible=False))
    assert stage.scene.colour_scale == scale


def test_the_rim_of_what_is_denser_than_the_last_point_is_left_out_with_it():
    wall = np.full((40, 40, 40), 0.1, np.float32)
    wall[:, :, 30:34] = 1.1
    wall[:, :, 29] = wall[:, :, 34] = 0.6
    wall[10:20, 10:20, 8:16] = 0.6
    tomogram = Tomogram(lac_ZYX=wall, voxel_size_um=SIZE_UM)
    whole = copy_volume(tomogram, SOFTWARE)
    lipid = next(it for it in PRESETS if it.name == "Lipid and starch")
    ceiling = ceiling_of(lipid)
    assert ceiling == pytest.approx(0.96)
    kept = without_denser(whole, ceiling).steps_ZYX > 0.5 * STEPS_PER_UM
    assert kept[10:20, 10:20, 8:16].all()
    assert not kept[:, :, 26:].any()
    assert without_denser(whole, 2.0) is whole
    assert without_denser(whole, ceiling_of(RED_LAC)) is whole
    assert ceiling_of(None) is None


def test_columns_have_words():
    assert column_words("lac_mean_per_um") == "LAC mean (µm⁻¹)"
    assert column_words("volume_um3") == "Volume (µm³)"
    assert column_words("voxels") == "Voxels"


def test_a_camera_that_is_set_is_the_camera_one_gets():
    stage = Stage()
    there = Camera(position_um=(5, 4, 3), focus_um=(1, 1, 1), up=(0, 0, 1), parallel_scale_um=0.7)
    stage.scene.set_camera(there)
    assert stage.scene.camera == there
    before = stage.picture()
    stage.scene.reset_camera()
    stage.scene.set_camera(there)
    assert (stage.picture() == before).all()


def test_occlusion_darkens_and_leaves_again():
    stage = Stage()
    plain = stage.picture()
    stage.scene.set_scene(replace(BARE, occlusion=True))
    dark = stage.picture()
    assert not (dark == plain).all()
    stage.scene.set_scene(BARE)
    assert np.abs(stage.picture() - plain).max() <= 2
