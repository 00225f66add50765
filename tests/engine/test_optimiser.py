import numpy as np
import pytest
import torch

from sxtstudio.engine.optimiser import STEP_RMS, Muon, orthogonal


def random_matrix(rows: int, columns: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(rows, columns, generator=generator)


@pytest.mark.parametrize("shape", [(16, 135), (64, 5184), (40, 16), (1, 27)])
def test_all_directions_of_a_step_are_about_as_strong(shape: tuple[int, int]) -> None:
    strengths = torch.linalg.svdvals(orthogonal(random_matrix(*shape)))
    assert float(strengths.min()) > 0.6
    assert float(strengths.max()) < 1.3


def test_the_directions_are_those_of_the_singular_value_decomposition() -> None:
    matrix = random_matrix(24, 200)
    left, _, right = torch.linalg.svd(matrix, full_matrices=False)
    ideal = left @ right
    found = orthogonal(matrix)
    cosine = float((found * ideal).sum() / (found.norm() * ideal.norm()))
    assert cosine > 0.97


def test_a_matrix_of_zeros_asks_for_no_step() -> None:
    assert not orthogonal(torch.zeros(8, 27)).any()


def test_the_scale_of_a_gradient_does_not_change_the_step() -> None:
    matrix = random_matrix(12, 81)
    torch.testing.assert_close(orthogonal(1e-4 * matrix), orthogonal(matrix), rtol=1e-3, atol=1e-5)


def test_a_step_of_a_kernel_is_as_large_as_one_of_adam() -> None:
    kernel = torch.nn.Parameter(torch.zeros(16, 8, 3, 3, 3))
    kernel.grad = random_matrix(16, 216).view_as(kernel)
    Muon([kernel], learning_rate=0.01, weight_decay=0.0).step()
    rms = float(kernel.detach().square().mean().sqrt()) / 0.01
    assert rms == pytest.approx(STEP_RMS, rel=0.25)


def test_all_but_kernels_change_as_with_adam_of_torch() -> None:
    ours, theirs = (torch.nn.Parameter(random_matrix(5, 7)) for _ in range(2))
    muon = Muon([ours], learning_rate=0.01, weight_decay=0.1)
    adam = torch.optim.AdamW([theirs], lr=0.01, weight_decay=0.1)
    for step in range(20):
        ours.grad = random_matrix(5, 7, seed=step + 1)
        theirs.grad = ours.grad.clone()
        muon.step()
        adam.step()
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-6)


def test_a_parameter_without_a_gradient_stays_as_it_is() -> None:
    kernel = torch.nn.Parameter(torch.ones(4, 4, 3, 3, 3))
    Muon([kernel], learning_rate=0.01, weight_decay=0.5).step()
    assert bool((kernel == 1).all())


def test_a_restored_optimiser_goes_on_bit_by_bit() -> None:
    def run(pause: int) -> np.ndarray:
        kernel = torch.nn.Parameter(random_matrix(6, 54).view(6, 2, 3, 3, 3))
        bias = torch.nn.Parameter(torch.zeros(6))
        optimiser = Muon([kernel, bias], learning_rate=0.01, weight_decay=1e-4)
        for step in range(8):
            if step == pause:
                state = optimiser.state_dict()
                optimiser = Muon([kernel, bias], learning_rate=0.01, weight_decay=1e-4)
                optimiser.load_state_dict(state)
            kernel.grad = random_matrix(6, 54, seed=step).view_as(kernel)
            bias.grad = random_matrix(1, 6, seed=step)[0]
            optimiser.step()
        return np.concatenate([kernel.detach().numpy().ravel(), bias.detach().numpy()])

    assert np.array_equal(run(pause=3), run(pause=99))
