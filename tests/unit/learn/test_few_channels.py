"""Batches of few channels are normalised as torch does it, whichever way takes them."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - its name everywhere

from desktop_app.learn import few_channels
from desktop_app.learn.few_channels import by_batch

MOMENTUM, EPSILON = 0.1, 1e-5


def images(shape: tuple[int, ...], dtype: torch.dtype = torch.float64) -> torch.Tensor:
    """Far from zero, with channels last in memory."""
    torch.manual_seed(sum(shape))
    return (3.0 + torch.randn(shape, dtype=dtype)).contiguous(memory_format=torch.channels_last).requires_grad_()


@pytest.mark.parametrize(
    ("shape", "taken"),
    [
        ((32, 3, 32, 32), True),
        ((128, 6, 16, 16), True),
        ((25, 7, 15, 15), True),
        ((32, 1, 32, 32), False),
        ((8, 16, 32, 32), False),
        ((2, 3, 4, 4), False),
    ],
)
def test_values_gradients_and_running_statistics_are_torchs(
    shape: tuple[int, ...], taken: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = list[bool]()
    apply = few_channels._Rows.apply
    monkeypatch.setattr(few_channels._Rows, "apply", lambda *given: used.append(True) or apply(*given))
    channels = shape[1]
    found, wanted = list[torch.Tensor](), list[torch.Tensor]()
    for kept, way in ((found, "own"), (wanted, "torch")):
        x = images(shape)
        scale = torch.linspace(0.5, 2.0, channels, dtype=x.dtype).requires_grad_()
        shift = torch.linspace(-1.0, 1.0, channels, dtype=x.dtype).requires_grad_()
        running = (torch.zeros_like(scale).detach(), torch.ones_like(scale).detach())
        y = (
            by_batch(x, scale, shift, running, MOMENTUM, EPSILON)
            if way == "own"
            else F.batch_norm(x, *running, scale, shift, True, MOMENTUM, EPSILON)
        )
        weights = torch.linspace(-1.0, 2.0, y.numel(), dtype=x.dtype).view(y.shape)
        kept += [y, *running, *torch.autograd.grad((y * weights).sum() + y.square().sum(), (x, scale, shift))]
    assert bool(used) == taken
    for one, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-9)


def test_half_precision_is_rounded_about_once() -> None:
    x = images((64, 6, 16, 16), torch.float32).detach()
    scale, shift = torch.full((6,), 1.5), torch.full((6,), 0.5)
    halves = x.bfloat16().contiguous(memory_format=torch.channels_last).requires_grad_()
    exact = halves.detach().double().requires_grad_()
    found = by_batch(halves, scale, shift, None, 0.0, EPSILON)
    wanted = F.batch_norm(exact, None, None, scale.double(), shift.double(), True, 0.0, EPSILON)
    change = torch.randn(wanted.shape, generator=torch.Generator().manual_seed(0)).bfloat16()
    (gradient,) = torch.autograd.grad(found, halves, change)
    (truth,) = torch.autograd.grad(wanted, exact, change.double())
    assert found.dtype == gradient.dtype == torch.bfloat16
    for one, other in ((found, wanted), (gradient, truth)):
        assert (one.double() - other).norm() <= 4e-3 * other.norm()
