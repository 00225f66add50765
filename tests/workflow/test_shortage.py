"""Want of memory is a sentence; other errors stay what they are."""

import numpy as np
import pytest
import torch

from sxtstudio.core.errors import ShortageError
from sxtstudio.workflow.shortage import shortage_told

PETABYTE = 2**50


def ask_numpy() -> None:
    np.ones((PETABYTE,), np.uint8)


def ask_torch() -> None:
    torch.empty(PETABYTE, dtype=torch.uint8)


@pytest.mark.parametrize("ask", [ask_numpy, ask_torch])
def test_more_memory_than_there_is_gives_a_sentence_with_what_to_do(ask) -> None:
    with (
        pytest.raises(ShortageError) as caught,
        shortage_told("Segmenting b4.mrc", "crop or bin the tomogram"),
    ):
        ask()

    assert str(caught.value) == (
        "Segmenting b4.mrc needs more memory than is free; close other programs, or crop or bin "
        "the tomogram."
    )


def test_other_errors_are_not_taken_for_want_of_memory() -> None:
    with pytest.raises(RuntimeError, match="shapes"), shortage_told("It", "wait"):
        raise RuntimeError("the shapes do not fit")
