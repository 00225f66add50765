"""Simulated cells against what is known of real ones."""

from functools import cache

import cc3d
import numpy as np
import pytest
from scipy import ndimage

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.errors import SxtError
from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.task import parse_task, targets
from sxtstudio.simulation.canvas import VALUES
from sxtstudio.simulation.cells import KINDS, choose_acquisition, simulate_cell
from sxtstudio.simulation.specimen import Specimen, make_specimen
from sxtstudio.simulation.tomography import acquire

SEEDS = range(6)
SURROUNDINGS = ("capillary", "bead")


@cache
def specimen(kind: str, seed: int) -> Specimen:
    return make_specimen(kind, 64, np.random.default_rng(seed))


def specimens(kind: str) -> list[Specimen]:
    return [specimen(kind, seed) for seed in SEEDS]


def drawn(one: Specimen, *class_ids: str) -> np.ndarray:
    return np.isin(one.labels_ZYX, [VALUES[class_id] for class_id in class_ids])


def cell_mask(one: Specimen) -> np.ndarray:
    return (one.labels_ZYX > 0) & ~drawn(one, *SURROUNDINGS)


def volume_um3(one: Specimen, *class_ids: str) -> float:
    mask = drawn(one, *class_ids) if class_ids else cell_mask(one)
    return float(mask.sum()) * float(np.prod(one.voxel_size_um))


def fractions(kind: str, *class_ids: str) -> list[float]:
    return [volume_um3(one, *class_ids) / volume_um3(one) for one in specimens(kind)]


def objects(one: Specimen, class_id: str) -> int:
    return int(cc3d.connected_components(drawn(one, class_id), connectivity=6).max())


def mean_lac(one: Specimen, *class_ids: str) -> float:
    return float(one.lac_ZYX[drawn(one, *class_ids)].mean())


def test_an_alga_is_as_large_and_divided_as_chromochloris():
    assert all(18 < volume_um3(one) < 60 for one in specimens("alga"))
    assert all(0.30 < share < 0.46 for share in fractions("alga", "chloroplast", "starch"))
    assert all(0.05 < share < 0.13 for share in fractions("alga", "nucleus"))
    assert all(0.015 < share < 0.06 for share in fractions("alga", "mitochondria"))
    assert all(0.001 < share < 0.08 for share in fractions("alga", "lipid"))
    assert all(1 <= objects(one, "lipid") <= 28 for one in specimens("alga"))
    assert all(2 <= objects(one, "starch") <= 30 for one in specimens("alga"))


def test_a_yeast_has_the_volumes_of_segmented_yeasts():
    assert all(9.6 < volume_um3(one) < 60 for one in specimens("yeast"))
    assert all(0.06 < share < 0.36 for share in fractions("yeast", "vacuole"))
    assert np.mean(fractions("yeast", "vacuole")) == pytest.approx(0.19, abs=0.06)
    assert all(0.03 < share < 0.09 for share in fractions("yeast", "nucleus"))
    assert all(0.015 < share < 0.08 for share in fractions("yeast", "mitochondria"))
    assert all(1 <= objects(one, "vacuole") <= 4 for one in specimens("yeast"))
    assert all(0 <= objects(one, "lipid") <= 14 for one in specimens("yeast"))


def test_a_lymphocyte_is_mostly_nucleus():
    nucleus = ("euchromatin", "heterochromatin", "nucleolus")
    assert all(200 < volume_um3(one) < 560 for one in specimens("lymphocyte"))
    assert all(0.4 < share < 0.6 for share in fractions("lymphocyte", *nucleus))
    assert all(0.015 < share < 0.05 for share in fractions("lymphocyte", "mitochondria"))
    for one in specimens("lymphocyte"):
        dense = volume_um3(one, "heterochromatin") / volume_um3(one, *nucleus)
        assert 0.25 < dense < 0.5
        assert 0.26 < mean_lac(one, "heterochromatin") < 0.35
        assert 0.19 < mean_lac(one, "euchromatin") < 0.26


@pytest.mark.parametrize("kind", KINDS)
def test_denser_organelles_have_a_higher_lac_in_every_cell(kind):
    parts = ("euchromatin", "heterochromatin") if kind == "lymphocyte" else ("nucleus",)
    order = [("vacuole",), parts, ("cytoplasm",), ("mitochondria",), ("lipid",), ("starch",)]
    for one in specimens(kind):
        present = [ids for ids in order if drawn(one, *ids).any()]
        values = [mean_lac(one, *ids) for ids in present if ids != ("starch",)]
        assert values == sorted(values)
        if drawn(one, "starch").any():
            assert mean_lac(one, "starch") > mean_lac(one, "mitochondria")
        buffer = one.lac_ZYX[(one.labels_ZYX == 0) & (one.lac_ZYX > 0.05)]
        assert np.median(buffer) < min(values)
        assert mean_lac(one, "capillary") > max(values)


@pytest.mark.parametrize("kind", KINDS)
def test_mitochondria_cannot_be_found_by_a_threshold(kind):
    for seed in SEEDS[:3]:
        one = specimen(kind, seed)
        acquisition = choose_acquisition(one, np.random.default_rng(seed))
        rng = np.random.default_rng(seed)
        seen = acquire(one.lac_ZYX, one.voxel_size_um, acquisition, rng)[cell_mask(one)]
        target = drawn(one, "mitochondria")[cell_mask(one)]
        dice = [
            2 * np.count_nonzero(picked & target) / (picked.sum() + target.sum())
            for low in np.arange(0.24, 0.46, 0.01)
            for high in (low + 0.04, low + 0.08, 0.5, np.inf)
            for picked in [(seen > low) & (seen < high)]
        ]
        assert 0.02 < max(dice) < 0.6


@pytest.mark.parametrize("kind", KINDS)
def test_the_cell_is_one_piece_that_touches_neither_glass_nor_border(kind):
    for one in specimens(kind):
        cell = cell_mask(one)
        assert cc3d.connected_components(cell, connectivity=26).max() == 1
        grown = ndimage.binary_dilation(cell, iterations=1)
        assert not (grown & drawn(one, "capillary")).any()
        inner = np.zeros_like(cell)
        inner[1:-1, 1:-1, 1:-1] = True
        assert not (cell & ~inner).any()
        extent = np.ptp(np.argwhere(cell), axis=0).max() + 1
        assert 0.55 < extent / 64 < 0.85


@pytest.mark.parametrize("kind", KINDS)
def test_organelles_lie_inside_the_cell(kind):
    for one in specimens(kind):
        filled = ndimage.binary_fill_holes(cell_mask(one))
        assert np.count_nonzero(filled & ~cell_mask(one)) == 0
        # A cup under the surface comes within a voxel of it, the others do not.
        organelles = cell_mask(one) & ~drawn(one, "cytoplasm", "wall", "chloroplast")
        touching = ndimage.binary_dilation(~cell_mask(one)) & organelles
        assert np.count_nonzero(touching) < 0.01 * np.count_nonzero(organelles)


def test_starch_lies_inside_the_chloroplast():
    for one in specimens("alga"):
        starch = drawn(one, "starch")
        around = ndimage.binary_dilation(starch) & ~starch
        plastid = np.count_nonzero(around & drawn(one, "chloroplast"))
        assert plastid > 0.97 * np.count_nonzero(around)


def test_most_mitochondria_of_an_alga_touch_nucleus_or_chloroplast():
    touching = total = 0
    for one in specimens("alga"):
        near = ndimage.binary_dilation(drawn(one, "nucleus", "chloroplast"), iterations=2)
        parts = cc3d.connected_components(drawn(one, "mitochondria"), connectivity=26)
        sizes = np.bincount(parts.ravel())[1:]
        meets = np.bincount(parts[near], minlength=len(sizes) + 1)[1:] > 0
        touching += sizes[meets].sum()
        total += sizes.sum()
    assert touching > 0.7 * total


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_bytes_and_another_one_does_not(kind):
    first, again, other = (
        simulate_cell(kind, 32, np.random.default_rng(seed)) for seed in (7, 7, 8)
    )
    assert first.tomogram.lac_ZYX.tobytes() == again.tomogram.lac_ZYX.tobytes()
    labels = [one.annotations[0].label_map.labels_ZYX for one in (first, again, other)]
    assert labels[0].tobytes() == labels[1].tobytes()
    assert np.mean(labels[0] != labels[2]) > 0.02
    assert first.tomogram.voxel_size_um != other.tomogram.voxel_size_um


def annotation_of(cell: Cell) -> Annotation:
    (annotation,) = cell.annotations
    return annotation


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("tilt_deg", [None, 60.0])
def test_a_simulated_cell_leaves_no_doubt_about_what_its_kind_can_show(kind, tilt_deg):
    cell = simulate_cell(kind, 40, np.random.default_rng(1), tilt_deg=tilt_deg, name="one")
    annotation, ontology = annotation_of(cell), default_ontology()
    assert cell.name == "one"
    assert cell.tomogram.shape == (40, 40, 40)
    assert cell.tomogram.lac_ZYX.dtype == np.float32
    assert np.isfinite(cell.tomogram.lac_ZYX).all()
    assert annotation.label_map.labels_ZYX.dtype == np.uint8
    used = set(np.unique(annotation.label_map.labels_ZYX)) - {0}
    assert used <= set(annotation.label_map.names)
    assert all(class_id in ontology for class_id in annotation.complete)
    task = parse_task("all", ["cell", "nucleus", "mitochondria", "lipid"], ontology)
    possible_ZYX = targets(annotation, task, ontology)
    assert np.all((possible_ZYX > 0) & (possible_ZYX & (possible_ZYX - 1) == 0))  # one bit
    assert annotation.made_by is not None
    assert annotation.made_by.parameters["tilt_deg"] == tilt_deg


def test_only_a_full_rotation_shows_a_capillary_and_only_a_grid_shows_beads():
    turned, tilted = (
        annotation_of(simulate_cell("yeast", 64, np.random.default_rng(4), tilt_deg=tilt))
        for tilt in (None, 55.0)
    )
    used = [set(np.unique(one.label_map.labels_ZYX)) for one in (turned, tilted)]
    assert VALUES["capillary"] in used[0]
    assert VALUES["capillary"] not in used[1]
    assert VALUES["bead"] in used[1]
    assert VALUES["bead"] not in used[0]


def test_a_column_of_buffer_has_no_glass():
    one = make_specimen("yeast", 48, np.random.default_rng(2), mount="buffer")
    assert not drawn(one, "capillary").any()
    assert one.lac_ZYX[0, 24, 0] == 0
    assert 0.1 < one.lac_ZYX[24, 24, 4] < 0.14


@pytest.mark.parametrize("kind", KINDS)
def test_the_tomogram_keeps_the_lac_of_large_bodies_and_shows_real_noise(kind):
    rng = np.random.default_rng(3)
    cell = simulate_cell(kind, 64, rng)
    true = make_specimen(kind, 64, np.random.default_rng(3))
    deep = ndimage.binary_erosion(drawn(true, "cytoplasm"), iterations=2)
    assert np.array_equal(annotation_of(cell).label_map.labels_ZYX, true.labels_ZYX)
    error = cell.tomogram.lac_ZYX[deep] - true.lac_ZYX[deep]
    assert abs(error.mean()) < 0.05 * true.lac_ZYX[deep].mean()
    assert 0.015 < error.std() < 0.05


@pytest.mark.parametrize("size", [32, 45, 70])
def test_any_size_shows_the_same_field_of_view(size):
    one = make_specimen("alga", size, np.random.default_rng(5))
    assert one.labels_ZYX.shape == (size, size, size)
    field_um = size * one.voxel_size_um[0]
    assert field_um == pytest.approx(64 * specimen("alga", 5).voxel_size_um[0])
    assert volume_um3(one) == pytest.approx(volume_um3(specimen("alga", 5)), rel=0.06)


def test_an_unknown_kind_is_refused_with_the_kinds_there_are():
    with pytest.raises(SxtError, match="'neuron'; choose alga, yeast, lymphocyte"):
        simulate_cell("neuron", 64, np.random.default_rng(0))


def test_a_cube_too_small_to_show_a_cell_is_refused():
    with pytest.raises(SxtError, match="at least 32"):
        simulate_cell("alga", 31, np.random.default_rng(0))


def test_an_impossible_tilt_is_refused_before_anything_is_drawn():
    with pytest.raises(SxtError, match="±120°"):
        simulate_cell("alga", 64, np.random.default_rng(0), tilt_deg=120)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_forty_cells_of_a_kind_keep_their_order_of_contrast(kind):
    nucleus = ("euchromatin", "heterochromatin", "nucleus")
    for seed in range(100, 140):
        one = make_specimen(kind, 48, np.random.default_rng(seed))
        assert mean_lac(one, *nucleus) < mean_lac(one, "cytoplasm")
        assert mean_lac(one, "cytoplasm") < mean_lac(one, "mitochondria")
        assert cc3d.connected_components(cell_mask(one), connectivity=26).max() == 1
