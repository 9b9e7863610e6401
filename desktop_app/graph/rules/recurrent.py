"""LSTM, GRU, RNN: a hidden unit has rows in every gate of both weights, and is read by the next step.

Both directions of a layer share `hidden_size`: units of equal number go together.
"""

from typing import NamedTuple

import numpy as np
import onnx_ir as ir

from desktop_app.graph.labels import Axes
from desktop_app.graph.rules.trace import Trace, Unfollowed, describe
from desktop_app.graph.rules.weights import sum_over

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
"""Blocks of rows in W and R, one after the other."""

PEEPHOLES = 3

INITIAL_STATES = (5, 6)
"""Inputs of the initial hidden state and of the initial cell."""


class _Inputs(NamedTuple):
    """The axes of X, W and R."""

    data: Axes
    weight: Axes
    recurrence: Axes


def recurrent(node: ir.Node, trace: Trace) -> list[Axes]:
    """X (steps, batch, input), W (directions, gates * hidden, input), R (directions, gates * hidden, hidden).

    B (directions, 2 * gates * hidden) and, for an LSTM, peepholes P (directions, 3 * hidden) have rows for every gate
    too. Y is (steps, directions, batch, hidden); the last states are (directions, batch, hidden). With layout 1 the
    batch comes first everywhere.
    """
    given = _Inputs(*(trace.axes_of(value) for value in node.inputs[:3]))
    gates, hidden = GATES[node.op_type], given.recurrence[2]
    if given.weight[1] is None or (hidden is not None and given.weight[1].size != gates * hidden.size):
        raise Unfollowed("whose weights do not fit")
    sum_over(trace.join(given.data[2], given.weight[2]), trace)
    for labels in (*given.data[:2], given.weight[0], given.recurrence[0]):
        trace.pin(labels, f"lies along the steps, samples or directions of {describe(node)}")
    _join_gates(hidden, given.weight[1], gates, trace)
    _join_gates(hidden, given.recurrence[1], gates, trace)
    for place, blocks in ((3, 2 * gates), (7, PEEPHOLES)):
        if trace.input(place) is not None:
            _join_gates(hidden, trace.axes_of(trace.input(place))[1], blocks, trace)
    for place in INITIAL_STATES:
        if trace.input(place) is not None:
            trace.join(hidden, trace.axes_of(trace.input(place))[2])
    if hidden is not None and "hidden_size" in node.attributes:
        trace.follow_attribute("hidden_size", 0, hidden)
    return [(None, None, None, hidden), (None, None, hidden), (None, None, hidden)]


def _join_gates(hidden: np.ndarray | None, rows: np.ndarray | None, blocks: int, trace: Trace) -> None:
    """The rows of a unit, one in each block, go with it."""
    trace.join(None if hidden is None else np.tile(hidden, blocks), rows)
