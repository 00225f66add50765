"""What is said of a stage that brings nothing."""

import pytest

from sxtstudio.core.network_card import StageScore
from sxtstudio.engine.scoring import unhelpful_words


def score(stage: int, **dice: float) -> StageScore:
    return StageScore(stage=stage, dice=dice, cells=("a",), honest=True)


def test_a_stage_that_is_no_better_than_the_first_is_told():
    words = unhelpful_words([score(1, nucleus=0.8, lipid=0.4), score(2, nucleus=0.7, lipid=0.4)])

    assert words.startswith("Stage 2 does not help yet: mean Dice 0.55")
    assert "stage 1 alone has 0.60" in words


@pytest.mark.parametrize(
    "scores",
    [
        [score(1, nucleus=0.4)],
        [score(1, nucleus=0.4), score(2, nucleus=0.41)],
        [score(1), score(2)],
    ],
)
def test_nothing_is_said_where_it_helps_or_nothing_is_known(scores):
    assert unhelpful_words(scores) == ""
