"""Recurrent layers, step by step: both directions, initial states, and samples of different lengths."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - its name everywhere
from torch import Tensor

from desktop_app.learn.operators.arguments import optional
from desktop_app.learn.operators.base import Build, Compute, Node, Operator
from desktop_app.learn.operators.layout import backwards

Activation = Callable[[Tensor], Tensor]
State = tuple[Tensor, ...]


def _activation(node: Node, name: str, alpha: float | None, beta: float | None) -> Activation:
    """An activation by the name that the specification gives it."""
    a, b = alpha, beta
    known: dict[str, Activation] = {
        "relu": torch.relu,
        "tanh": torch.tanh,
        "sigmoid": torch.sigmoid,
        "softsign": F.softsign,
        "softplus": F.softplus,
        "affine": lambda x: (1.0 if a is None else a) * x + (0.0 if b is None else b),
        "leakyrelu": lambda x: F.leaky_relu(x, 0.01 if a is None else a),
        "thresholdedrelu": lambda x: torch.where(x > (1.0 if a is None else a), x, torch.zeros_like(x)),
        "scaledtanh": lambda x: (1.0 if a is None else a) * torch.tanh((1.0 if b is None else b) * x),
        "hardsigmoid": lambda x: torch.clamp((0.2 if a is None else a) * x + (0.5 if b is None else b), 0.0, 1.0),
        "elu": lambda x: F.elu(x, 1.0 if a is None else a),
    }
    if name.lower() not in known:
        raise node.refuse(f"its activation {name} is not known here")
    return known[name.lower()]


@dataclass(frozen=True)
class Weights:
    """What one direction reads: weights [gates*h, *], the two biases [gates*h] and the peepholes."""

    inner: Tensor
    state: Tensor
    bias_inner: Tensor | None
    bias_state: Tensor | None
    peep: Tensor | None = None


Cell = Callable[[Node, Sequence[Activation], Tensor, State, Weights], State]


def _limited(node: Node, x: Tensor) -> Tensor:
    """What goes into an activation, between the bounds that the node may set."""
    clip = node.attributes.get("clip")
    return x if clip is None else x.clamp(-clip, clip)


def _rnn_cell(node: Node, act: Sequence[Activation], x: Tensor, state: State, weights: Weights) -> State:
    """One step of a plain layer; `x` is already multiplied."""
    return (act[0](_limited(node, x + F.linear(state[0], weights.state, weights.bias_state))),)


def _gru_cell(node: Node, act: Sequence[Activation], x: Tensor, state: State, weights: Weights) -> State:
    """One step of a gated recurrent unit (Cho et al., 2014): update, reset, hidden."""
    (old,) = state
    h = old.shape[-1]
    bias = weights.bias_state
    if node.attribute("linear_before_reset", 0):
        update, reset, from_state = F.linear(old, weights.state, bias).chunk(3, -1)
    else:
        update, reset = F.linear(old, weights.state[: 2 * h], None if bias is None else bias[: 2 * h]).chunk(2, -1)
    z = act[0](_limited(node, x[..., :h] + update))
    r = act[0](_limited(node, x[..., h : 2 * h] + reset))
    if node.attribute("linear_before_reset", 0):
        hidden = r * from_state
    else:
        hidden = F.linear(r * old, weights.state[2 * h :], None if bias is None else bias[2 * h :])
    new = act[1](_limited(node, x[..., 2 * h :] + hidden))
    return ((1.0 - z) * new + z * old,)


def _lstm_cell(node: Node, act: Sequence[Activation], x: Tensor, state: State, weights: Weights) -> State:
    """One step of a long short-term memory (Hochreiter and Schmidhuber, 1997): input, output, forget, cell."""
    old, cell = state
    into, out, forget, new = (x + F.linear(old, weights.state, weights.bias_state)).chunk(4, -1)
    peeps = (None, None, None) if weights.peep is None else weights.peep.chunk(3, -1)
    i = act[0](_limited(node, into if peeps[0] is None else into + peeps[0] * cell))
    f = act[0](_limited(node, forget if peeps[2] is None else forget + peeps[2] * cell))
    if node.attribute("input_forget", 0):
        f = 1.0 - i
    cell = f * cell + i * act[1](_limited(node, new))
    o = act[0](_limited(node, out if peeps[1] is None else out + peeps[1] * cell))
    return o * act[2](cell), cell


def _layer(cell: Cell, states: int, defaults: Sequence[str]) -> Build:
    """A recurrent operator: a cell, how many states it carries, and its activations unless the node names others."""

    def build(node: Node) -> Compute:
        direction = node.attribute("direction", "forward")
        ways = 2 if direction == "bidirectional" else 1
        acts = _activations(node, defaults, ways)
        batch_first = node.attribute("layout", 0)

        def compute(x: Tensor, w: Tensor, r: Tensor, *rest: Tensor | None) -> tuple[Tensor, ...]:
            bias, lengths, *given = optional(rest, 3 + states)
            x = x.transpose(0, 1) if batch_first else x
            every, last = [], []
            for way in range(ways):
                start = tuple(_start(one, way, x, r, bool(batch_first)) for one in given[:states])
                weights = _weights(w, r, bias, given[states], way)
                back = direction == "reverse" or way == 1
                outputs, final = _run(node, cell, acts[way], x, start, weights, lengths, back)
                every.append(outputs)
                last.append(final)
            finals = [torch.stack([final[one] for final in last]) for one in range(states)]
            whole = torch.stack(every, 1)
            if batch_first:
                return whole.permute(2, 0, 1, 3), *(one.transpose(0, 1) for one in finals)
            return whole, *finals

        return compute

    return build


def _activations(node: Node, defaults: Sequence[str], ways: int) -> list[list[Activation]]:
    """The activations of each direction. Parameters are listed for those activations alone that take some."""
    names = node.attribute("activations", list(defaults) * ways)
    alphas: Iterator[float] = iter(node.attribute("activation_alpha", []))
    betas: Iterator[float] = iter(node.attribute("activation_beta", []))
    with_alpha = {"affine", "leakyrelu", "thresholdedrelu", "scaledtanh", "hardsigmoid", "elu"}
    with_beta = {"affine", "scaledtanh", "hardsigmoid"}
    made = [
        _activation(
            node,
            name,
            next(alphas, None) if name.lower() in with_alpha else None,
            next(betas, None) if name.lower() in with_beta else None,
        )
        for name in names
    ]
    each = len(defaults)
    return [made[way * each : (way + 1) * each] for way in range(ways)]


def _start(given: Tensor | None, way: int, x: Tensor, r: Tensor, batch_first: bool) -> Tensor:
    """The state [batch, hidden] before the first step."""
    if given is None:
        return torch.zeros(x.shape[1], r.shape[-1], dtype=x.dtype, device=x.device)
    return given[:, way] if batch_first else given[way]


def _weights(w: Tensor, r: Tensor, bias: Tensor | None, peep: Tensor | None, way: int) -> Weights:
    inner, state = (None, None) if bias is None else bias[way].chunk(2)
    return Weights(w[way], r[way], inner, state, peep if peep is None else peep[way])


def _run(
    node: Node,
    cell: Cell,
    act: Sequence[Activation],
    x: Tensor,
    state: State,
    weights: Weights,
    lengths: Tensor | None,
    back: bool,
) -> tuple[Tensor, State]:
    """All steps in one direction. After a sample's own length its state stays and its outputs are 0."""
    if back:
        x = _turned(x, lengths)
    multiplied = F.linear(x, weights.inner, weights.bias_inner)
    outputs = []
    for step in range(x.shape[0]):
        new = cell(node, act, multiplied[step], state, weights)
        if lengths is None:
            state = new
            outputs.append(state[0])
        else:
            alive = (step < lengths).unsqueeze(1)
            state = tuple(torch.where(alive, one, old) for one, old in zip(new, state, strict=True))
            outputs.append(torch.where(alive, state[0], torch.zeros_like(state[0])))
    whole = torch.stack(outputs)
    return (_turned(whole, lengths) if back else whole), state


def _turned(x: Tensor, lengths: Tensor | None) -> Tensor:
    """[steps, batch, ...] backwards in time."""
    if lengths is None:
        return x.flip(0)
    swapped: Any = x.transpose(0, 1)
    turned: Tensor = swapped.take_along_dim(backwards(lengths, swapped.shape), 1).transpose(0, 1)
    return turned


ROWS = (
    Operator("RNN", _layer(_rnn_cell, 1, ("Tanh",)), weights=(1, 2, 3)),
    Operator("GRU", _layer(_gru_cell, 1, ("Sigmoid", "Tanh")), weights=(1, 2, 3)),
    Operator("LSTM", _layer(_lstm_cell, 2, ("Sigmoid", "Tanh", "Tanh")), weights=(1, 2, 3, 7)),
)
