"""In how many bits a training multiplies: half as many where the processor does that several times faster.

Weights, statistics, gradients of weights and losses stay in single precision; products of matrices and convolutions
are of bfloat16, added up in single precision (Micikevicius et al. 2018, "Mixed precision training"; Kalamkar et al.
2019, "A study of BFLOAT16 for deep learning training").
"""

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from desktop_app.core.methods import RecoverMethod
from desktop_app.learn.feed import Feed
from desktop_app.learn.objective import Objective

PROBED = 16
"""Samples that tell whether a model bears it."""

WORST_ERROR = 0.03
"""Error of scores, by their own size, up to which a model computes in half: 30 dB. ResNets have 0.007, MobileNet v1,
whose channels differ more, 0.05, and soft targets say what is unlikely by differences of that size."""

Compute = Callable[..., Mapping[str, Tensor]]


@dataclass(frozen=True)
class Precision:
    """Who of a training computes in half precision.

    Attributes:
        device: Where, by torch's name.
        teacher: Whether the original does.
        student: Whether the student does, while it learns; it is always judged in single precision.
    """

    device: str = "cpu"
    teacher: bool = False
    student: bool = False

    @classmethod
    def of(
        cls, student: nn.Module, teacher: nn.Module, objective: Objective, feed: Feed, method: RecoverMethod
    ) -> "Precision":
        """What is fast here and changes next to nothing.

        Only scores of classes are compared so: numbers that are to be met as they are would learn the rounding.
        """
        scores = all(target.classes for target in objective.targets)
        if method.precision == "single" or not scores:
            return cls(feed.device)
        first = objective.targets[0]
        return cls(
            feed.device, gains_by_halves(teacher, first.value, feed), gains_by_halves(student, first.students, feed)
        )

    def taught(self, teacher: nn.Module, inputs: Mapping[str, Tensor], also: Collection[str]) -> dict[str, Tensor]:
        """What the teacher says, in single precision again."""
        with in_halves(self.device, self.teacher):
            return _single(teacher(inputs, also=also))

    def learned(self, student: nn.Module, inputs: Mapping[str, Tensor], also: Collection[str]) -> dict[str, Tensor]:
        """What the student says, in single precision again, with gradients."""
        with in_halves(self.device, self.student):
            return _single(student(inputs, also=also))


def multiplies_halves(device: str) -> bool:
    """Whether a device multiplies matrices of bfloat16 several times as fast as those of single precision."""
    if device == "cpu":
        return bool(torch.cpu.get_capabilities().get("amx_bf16", False))
    return bool(torch.cuda.is_bf16_supported(including_emulation=False))


def gains_by_halves(module: nn.Module, value: str, feed: Feed) -> bool:
    """Whether a module computes faster in half precision where a feed's samples go, and nearly the same."""
    if not multiplies_halves(feed.device):
        return False
    batch = next(iter(feed.first(PROBED)), None)
    return batch is not None and bears_halves(module, batch.inputs, value, feed.device)


@torch.no_grad()
def bears_halves(module: nn.Module, inputs: Mapping[str, Tensor], value: str, device: str) -> bool:
    """Whether a module gives nearly the same value, and any at all, when it computes in half precision."""
    module.eval()
    few = {name: tensor[:PROBED] if tensor.dim() else tensor for name, tensor in inputs.items()}
    exact = module(few, also=(value,))[value].float()
    try:
        with in_halves(device, True):
            found = module(few, also=(value,))[value].float()
    except RuntimeError:  # an operator that takes no mixture of types
        return False
    return bool((found - exact).norm() <= WORST_ERROR * exact.norm())


def in_halves(device: str, wanted: bool) -> AbstractContextManager[object]:
    """Products in bfloat16 within, where wanted."""
    return torch.autocast(device, torch.bfloat16, enabled=wanted)


def _single(values: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: one.float() if one.is_floating_point() else one for name, one in values.items()}
