"""Optimiser, learning rate and averaged weights of a training."""

from collections.abc import Iterable, Mapping
from math import cos, pi, sqrt

import torch
from torch import Tensor, nn
from torch.optim import SGD, AdamW, Optimizer

from desktop_app.core.methods import RecoverMethod
from desktop_app.learn.judging import Judgement

MOMENTUM = 0.9

USUAL_RATE: Mapping[str, float] = {"adamw": 2e-3, "sgd": 0.05}
"""Learning rates where normalisation is in its place."""

GENTLE_RATE: Mapping[str, float] = {"adamw": 1e-3, "sgd": 0.01}
"""Learning rates where it is not: higher ones diverge."""


FULL_STEPS = 500
"""Steps from which on a training is not short."""

GOOD_ERROR, LEAST_EASE = 0.25, 0.05
"""A student with less error than that takes a rate in proportion to its square, down to a twentieth."""


def highest_rate(method: RecoverMethod, *, normalised: bool) -> float:
    """The learning rate that the recipe names, or the usual one."""
    return method.rate or (USUAL_RATE if normalised else GENTLE_RATE)[method.optimizer]


def eased(rate: float, method: RecoverMethod, before: Judgement) -> float:
    """The usual rate, less where the student is good already, and where the training is short; a named one stays.

    A high rate first leads away from where it starts, and a short training does not come back: in 60 steps of ResNet-20
    the agreement with the original fell from 81 to 78 % at the usual rate, and rose to 84 % at half of it. In 200 steps
    of ResNet-56, which agreed in 91 %, two thirds of the usual rate left 88 %, and a fifth 92 %. In 600 steps, from
    89 %, more than half of it led down to 73 % and back to 88 %; a seventh led to 92 % (see docs/adr/0064). Where
    little agrees there is nothing to lose.
    """
    if method.rate is not None:
        return rate
    good = max(0.0, 1.0 - before.loss) if before.agreement is None else before.agreement
    brevity = 1.0 - good * (1.0 - sqrt(min(method.steps / FULL_STEPS, 1.0)))
    return rate * brevity * max(min((1.0 - good) / GOOD_ERROR, 1.0) ** 2, LEAST_EASE)


def optimizer_of(parameters: Iterable[nn.Parameter], method: RecoverMethod) -> Optimizer:
    """The optimiser that the recipe names. Only matrices and kernels decay: shifts and scales have no size to limit."""
    trained = [one for one in parameters if one.requires_grad]
    groups = [
        {"params": [one for one in trained if one.dim() > 1], "weight_decay": method.decay},
        {"params": [one for one in trained if one.dim() <= 1], "weight_decay": 0.0},
    ]
    if method.optimizer == "sgd":
        return SGD(groups, lr=1.0, momentum=MOMENTUM, nesterov=True)
    return AdamW(groups, lr=1.0)


def rate_at(done: float, method: RecoverMethod, highest: float) -> float:
    """The learning rate when the share `done` of the training is over: a line up, then half a cosine down to 0."""
    if done < method.warm_up:
        return highest * max(done / method.warm_up, 0.01)
    left = (done - method.warm_up) / max(1.0 - method.warm_up, 1e-9)
    return highest * 0.5 * (1.0 + cos(pi * min(left, 1.0)))


def set_rate(optimizer: Optimizer, rate: float) -> None:
    """Gives all groups a learning rate."""
    for group in optimizer.param_groups:
        group["lr"] = rate


class Average:
    """A running average of a module's state (Polyak and Juditsky 1992); with a share of 0 the state itself.

    Args:
        module: The module that trains.
        share: How much of the average stays at each step.
    """

    def __init__(self, module: nn.Module, share: float) -> None:
        self._share = share
        self.state: dict[str, Tensor] = {name: one.detach().clone() for name, one in module.state_dict().items()}

    @torch.no_grad()
    def update(self, module: nn.Module, step: int) -> None:
        """Takes the state of a step in. In the first steps the average follows faster, for it starts from one state."""
        share = min(self._share, (1.0 + step) / (10.0 + step))
        for name, one in module.state_dict().items():
            if self._share > 0 and one.is_floating_point():
                self.state[name].lerp_(one, 1.0 - share)
            else:
                self.state[name].copy_(one)
