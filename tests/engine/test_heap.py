"""Pages that are kept between steps."""

import resource
import sys

import pytest
import torch

from sxtstudio.engine.heap import give_memory_back, keep_freed_memory

BLOCK = 10_000_000
"""Values: 40 MB."""


def page_faults(repeats: int) -> int:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(repeats):
        torch.empty(BLOCK).fill_(1.0)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc is asked to keep memory")
def test_a_block_that_was_freed_is_used_again_and_given_back_in_the_end():
    first = page_faults(1)
    keep_freed_memory()
    page_faults(15)  # the heap grows until a block fits in where another was

    assert page_faults(20) < first

    give_memory_back()
    assert page_faults(1) > 0.5 * first
