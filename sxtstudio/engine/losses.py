"""What a network is taught where an annotation leaves open which label is right.

A voxel's *state* is the set of labels that are possible there, as bits (bit 0: none of the task's
classes). A coarse voxel holds several states in fractions that add up to 1. The cross-entropy is
that of the summed probability of the possible labels (the marginal loss of Fang and Yan 2020 and
Shi et al. 2021); the Dice of a class counts only where the annotation is certain of it.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional


@dataclass(frozen=True, kw_only=True, eq=False)
class States:
    """The distinct states of the training cells: ``masks`` is uint32 of shape (M,)."""

    masks: np.ndarray
    classes: int

    def members(self, state: int) -> list[int]:
        """Return the labels that are possible in a state."""
        return [k for k in range(self.classes) if int(self.masks[state]) >> k & 1]

    @property
    def silent(self) -> int | None:
        """The state in which any label is possible, None if no cell has it."""
        found = np.flatnonzero(self.masks == np.uint32((1 << self.classes) - 1))
        return int(found[0]) if found.size else None

    def table(self) -> np.ndarray:
        """Return which labels (columns) are possible in which states (rows), boolean."""
        bits = np.arange(self.classes, dtype=np.uint32)
        return (self.masks[:, None] >> bits & 1).astype(bool)


def marginal_cross_entropy(
    logits_NKZYX: torch.Tensor,
    fractions_NMZYX: torch.Tensor,
    states: States,
    class_weights: torch.Tensor,
    *,
    lean: float = 0.0,
) -> torch.Tensor:
    """Return the mean of −log(probability that the label is a possible one).

    A state with one label weighs as that class does, one with several as the lightest of them;
    where everything is possible there is nothing to learn. ``lean`` (0–1) is the part of what is
    taught about several labels that goes to none of the classes alone.
    """
    log_p_NKZYX = torch.log_softmax(logits_NKZYX, 1)
    total = log_p_NKZYX.new_zeros(())
    weight = log_p_NKZYX.new_zeros(())
    for state in range(len(states.masks)):
        members = states.members(state)
        if len(members) == states.classes:
            continue
        log_q = (
            torch.logsumexp(log_p_NKZYX[:, members], 1)
            if len(members) > 1
            else log_p_NKZYX[:, members[0]]
        )
        if lean and len(members) > 1 and 0 in members:
            log_q = torch.lerp(log_q, log_p_NKZYX[:, 0], lean)
        share = fractions_NMZYX[:, state] * class_weights[members].min()
        total = total - (share * log_q).sum()
        weight = weight + share.sum()
    return total / weight.clamp(min=1e-6)


def guess_loss(
    logits_NKZYX: torch.Tensor,
    label_NZYX: torch.Tensor,
    share_NZYX: torch.Tensor,
    class_weights: torch.Tensor,
) -> torch.Tensor:
    """Return the weighted cross-entropy with guessed labels, each voxel for its share."""
    entropy_NZYX = functional.cross_entropy(
        logits_NKZYX, label_NZYX, class_weights, reduction="none"
    )
    weight = (class_weights[label_NZYX] * share_NZYX).sum()
    return (entropy_NZYX * share_NZYX).sum() / weight.clamp(min=1)


def certain_dice_loss(
    logits_NKZYX: torch.Tensor, fractions_NMZYX: torch.Tensor, states: States
) -> torch.Tensor:
    """Return 1 − the mean soft Dice over the classes that are certainly present in the batch.

    The sums run over the whole batch and leave out what is not certain of the class.
    """
    p_NKZYX = torch.softmax(logits_NKZYX, 1)
    told_NZYX = fractions_NMZYX.sum(1)
    table = states.table()
    several = table.sum(1) > 1
    losses: list[torch.Tensor] = []
    for label in range(1, states.classes):
        alone = np.flatnonzero(table[:, label] & ~several)
        present = fractions_NMZYX[:, int(alone[0])] if alone.size else None
        if present is None or float(present.sum()) < 1:
            continue
        perhaps = np.flatnonzero(table[:, label] & several).tolist()
        certain = told_NZYX - fractions_NMZYX[:, perhaps].sum(1) if perhaps else told_NZYX
        predicted = (p_NKZYX[:, label] * certain).sum()
        overlap = (p_NKZYX[:, label] * present).sum()
        losses.append(1 - (2 * overlap + 1) / (predicted + present.sum() + 1))
    if not losses:
        return logits_NKZYX.new_zeros(())
    return torch.stack(losses).mean()


def one_hot_states(states_NZYX: torch.Tensor, count: int) -> torch.Tensor:
    """Return (N, M, Z, Y, X) fractions, 1 for each voxel's own state."""
    return torch.stack([states_NZYX == state for state in range(count)], 1).float()
