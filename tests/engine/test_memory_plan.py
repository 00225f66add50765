"""What plans take of the memory: counted, told, and made to fit."""

import re
import subprocess
import sys
from dataclasses import replace

import pytest

from sxtstudio.core.errors import PlanError
from sxtstudio.core.plan import Plan
from sxtstudio.engine.memory_plan import check_memory, fitted, memory_need, size_words
from tests.core.plans import COARSE, FINE, PLAN

SHAPES = [(96, 96, 96)]
GB = 10**9


def with_fine(**changes: object) -> Plan:
    return replace(PLAN, stages=(COARSE, replace(FINE, **changes)))


def grown(**changes: object) -> int:
    """Return by how much the last stage's need grows, beyond that of a small batch."""
    small = memory_need(with_fine(batch_size=1), SHAPES).stages[1]
    return memory_need(with_fine(**changes), SHAPES).stages[1] - small


def test_what_a_stage_takes_grows_with_its_batch_patch_and_channels():
    one = grown(batch_size=2)

    assert grown(batch_size=5) == pytest.approx(4 * one, rel=0.05)
    assert grown(batch_size=8) < grown(batch_size=8, patch=(40, 40, 40))
    assert grown(batch_size=8, base_channels=16) > 1.5 * grown(batch_size=8)


def test_a_plan_that_fits_stays_as_it_is_and_says_what_it_takes():
    plan, words = fitted(PLAN, SHAPES, 20 * GB)

    assert plan == PLAN
    assert words == (
        f"Memory: needs about {size_words(memory_need(PLAN, SHAPES).peak)} of the 20 GB that are "
        "free."
    )


def test_a_plan_that_does_not_fit_gets_smaller_batches_then_smaller_patches_and_says_so():
    large = with_fine(batch_size=64, patch=(64, 64, 64))

    batch, words = fitted(large, SHAPES, 2 * GB)
    assert 1 <= batch.stages[1].batch_size < 64
    assert batch.stages[1].patch == (64, 64, 64)
    assert "stage 2 from batches of 64 × 64 × 64 × 64 voxels to batches of" in words
    patch, _ = fitted(with_fine(batch_size=8, patch=(256, 256, 256)), SHAPES, 2 * GB)
    assert patch.stages[1].batch_size == 1
    assert max(patch.stages[1].patch) < 256
    for plan in (batch, patch):
        assert memory_need(plan, SHAPES).peak <= 0.8 * 2 * GB
        check_memory(plan, SHAPES, 2 * GB)


def test_an_edited_plan_that_does_not_fit_is_refused_with_what_would():
    with pytest.raises(PlanError) as caught:
        check_memory(with_fine(batch_size=64, patch=(64, 64, 64)), SHAPES, 2 * GB)

    words = str(caught.value)
    assert "and 2.0 GB are free; stages[1] fits with batch_size" in words
    found = re.search(r"or with patch \[(\d+), \1, \1\]\.", words)
    assert found is not None
    assert 16 <= int(found[1]) < 64
    edge = int(found[1])
    check_memory(with_fine(batch_size=64, patch=(edge, edge, edge)), SHAPES, 2 * GB)


def test_where_nothing_helps_other_programs_are_to_be_closed():
    with pytest.raises(PlanError, match=r"0\.3 GB are free; close other programs"):
        check_memory(PLAN, SHAPES, 3 * GB // 10)
    with pytest.raises(PlanError, match="smaller cells or a coarser voxel_size_um"):
        check_memory(PLAN, [(1024, 1024, 1024)], 4 * GB)


def test_sizes_are_said_as_people_say_them():
    assert [size_words(size) for size in (0.68e9, 3.04e9, 20.3e9)] == ["0.7 GB", "3.0 GB", "20 GB"]


STEP = """
import sys, torch
from dataclasses import replace
from sxtstudio.engine.lanes import Lanes, backpropagate
from sxtstudio.engine.memory_plan import memory_need
from sxtstudio.engine.optimiser import Muon
from sxtstudio.engine.package import make_network
from tests.core.plans import COARSE, FINE, PLAN
batch, edge, channels = map(int, sys.argv[1:])
fine = replace(FINE, batch_size=batch, patch=(edge,) * 3, base_channels=channels)
plan = replace(PLAN, stages=(COARSE, fine))
network = make_network(plan, 1)
lanes, optimiser = Lanes(torch.device("cpu"), 1), Muon(network.parameters(), 1e-3, 0.0)
for _ in range(3):
    inputs = torch.randn(batch, 2, *fine.patch)
    backpropagate(network, inputs, lambda it: it.square().mean(), lanes, bfloat16=False)
    optimiser.step()
lanes.close()
status = open("/proc/self/status").read()  # ru_maxrss is never less than that of the parent
peak_kib = int(status.partition("VmHWM:")[2].split()[0])
print(memory_need(plan, [fine.patch]).stages[1], 1024 * peak_kib)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells the peak memory")
@pytest.mark.parametrize(("batch", "edge", "channels"), [(2, 32, 16), (2, 64, 16), (1, 80, 24)])
def test_the_estimate_is_near_the_peak_of_a_process_that_trains(batch, edge, channels):
    words = [sys.executable, "-c", STEP, *map(str, (batch, edge, channels))]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=240)
    estimate, peak = map(int, done.stdout.split())

    assert 0.75 < estimate / peak < 2.0
