"""Cells drawn from one distribution are ordinary; what is changed in one is named."""

from dataclasses import replace

import numpy as np
import pytest

from sxtstudio.core.acquisition import Acquisition
from sxtstudio.core.novelty import (
    Description,
    Novelty,
    Structure,
    assess,
    describe_tomogram,
    feature_distance,
    novelty_words,
)
from sxtstudio.core.records import from_json, to_json
from sxtstudio.core.slabs import Slab
from sxtstudio.core.volume import Tomogram


def cell(rng: np.random.Generator, name: str = "") -> Description:
    """Return an ordinary cell."""
    centre = rng.normal(20, 0.3)
    bins = np.exp(-(((np.arange(65) - centre) / 4) ** 2))
    features = rng.normal(0, 1, 32)
    return Description(
        name=name,
        acquisition=Acquisition(
            edge_um=float(0.05 * np.exp(rng.normal(0, 0.05))),
            noise_per_um=float(0.02 * np.exp(rng.normal(0, 0.15))),
            weakest=float(rng.normal(-0.2, 0.05)),
            missing_deg=0.0,
            beam="z",
        ),
        histogram=tuple(bins / bins.sum()),
        features=tuple(features),
        structures={
            "mitochondria": Structure(
                share=float(0.06 * np.exp(rng.normal(0, 0.2))),
                volume_um3=2.0,
                lac_per_um=float(rng.normal(0.36, 0.01)),
                objects=int(rng.integers(8, 16)),
            )
        },
        doubt=float(rng.normal(0.1, 0.01)),
    )


def library(rng: np.random.Generator, count: int) -> list[Description]:
    """Return reference cells with the strangeness that honest networks would have told."""
    cells = [cell(rng, f"cell {number}") for number in range(count)]
    return [
        replace(
            it,
            strangeness=feature_distance(
                it.features, [other.features for other in cells if other is not it]
            ),
        )
        for it in cells
    ]


REFERENCES = library(np.random.default_rng(0), 12)
NEW = cell(np.random.default_rng(99), "new")


def test_ordinary_cells_raise_no_more_than_five_per_cent_of_alarms():
    rng = np.random.default_rng(1)
    alarms = 0
    for _ in range(60):
        found = assess(cell(rng), library(rng, 6))
        assert found is not None
        alarms += found.alarm
    assert alarms <= 3


def test_an_ordinary_cell_is_said_to_be_one():
    found = assess(NEW, REFERENCES)

    assert found is not None
    assert not found.alarm
    assert found.differences == ()
    assert novelty_words(found) == "Nothing sets this cell apart from the 12 reference cells."


def test_bright_mitochondria_are_named_with_their_lac_and_what_to_draw():
    bright = replace(NEW.structures["mitochondria"], lac_per_um=0.55)

    found = assess(replace(NEW, structures={"mitochondria": bright}), REFERENCES)

    assert found is not None
    assert found.alarm
    words = novelty_words(
        replace(
            found,
            slabs=(Slab(axis="z", start=4, stop=7, doubt=0.2),),
        )
    )
    assert words == (
        "Mitochondria: brighter (LAC 0.55 µm⁻¹) than in all 12 reference cells. Check mitochondria "
        "by hand; draw this slab: z 4–6."
    )


WEDGE = replace(NEW.acquisition, weakest=-4.0, missing_deg=60.0)
CHANGES = {
    "missing wedge": replace(NEW, acquisition=WEDGE),
    "noise": replace(NEW, acquisition=replace(NEW.acquisition, noise_per_um=0.3)),
    "voxel size": replace(NEW, acquisition=replace(NEW.acquisition, edge_um=0.2)),
    "LAC": replace(NEW, histogram=tuple(np.roll(NEW.histogram, 20))),
    "structure": replace(NEW, features=tuple(np.array(NEW.features) + 20)),
    "doubt": replace(NEW, doubt=0.6),
    "volume of mitochondria": replace(
        NEW,
        structures={
            "mitochondria": Structure(share=0.9, volume_um3=30.0, lac_per_um=None, objects=10)
        },
    ),
    "number of mitochondria": replace(
        NEW,
        structures={
            "mitochondria": Structure(share=0.06, volume_um3=2.0, lac_per_um=0.36, objects=900)
        },
    ),
}


@pytest.mark.parametrize("subject", CHANGES)
def test_what_was_changed_is_what_is_named(subject):
    found = assess(CHANGES[subject], REFERENCES)

    assert found is not None
    assert found.alarm
    assert found.differences[0].subject == subject
    assert "all 12 reference cells" in found.differences[0].words
    assert found.score > 1.3


def test_a_missing_wedge_is_told_in_degrees():
    found = assess(CHANGES["missing wedge"], REFERENCES)

    assert found is not None
    assert novelty_words(found) == (
        "A wedge of about 60° about z is missing from the tomogram, unlike in all 12 reference "
        "cells. Add reference cells with the same range of tilts."
    )


def test_less_doubt_than_usual_is_no_reason_for_an_alarm():
    found = assess(replace(NEW, doubt=0.0), REFERENCES)

    assert found is not None
    assert not found.alarm


def test_a_library_that_holds_such_a_cell_twice_raises_no_alarm_for_a_third():
    odd = [replace(it, acquisition=replace(it.acquisition, weakest=-4.0)) for it in REFERENCES[:6]]

    found = assess(CHANGES["missing wedge"], [*odd, *REFERENCES[6:]])

    assert found is not None
    assert not found.alarm


def test_three_reference_cells_are_too_few_to_say_anything():
    assert assess(CHANGES["missing wedge"], REFERENCES[:3]) is None


def test_without_a_network_acquisition_and_lac_still_count():
    def bare(it: Description) -> Description:
        return Description(name=it.name, acquisition=it.acquisition, histogram=it.histogram)

    found = assess(bare(CHANGES["missing wedge"]), [bare(it) for it in REFERENCES])

    assert found is not None
    assert found.alarm


def test_features_far_from_all_references_are_farther_than_those_among_them():
    known = np.random.default_rng(3).normal(0, 1, (8, 16))

    near, far = (feature_distance(known[0] + shift, known[1:]) for shift in (0, 30))

    assert near is not None
    assert far is not None
    assert far > 10 * near
    assert feature_distance(known[0], known[:1]) is None
    assert feature_distance([], known) is None


def test_a_description_of_a_tomogram_survives_json():
    lac_ZYX = np.random.default_rng(4).normal(0.3, 0.02, (26, 26, 26)).astype(np.float32)
    bare = describe_tomogram("a", Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=(0.04,) * 3))

    assert from_json(Description, to_json(bare), "here") == bare
    assert sum(bare.histogram) == pytest.approx(1)
    found = assess(CHANGES["noise"], REFERENCES)
    assert found is not None
    assert from_json(Novelty, to_json(found), "here") == found
