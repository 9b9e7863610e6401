"""What a model gives, stored, so that another process (or another machine) can tell whether it still gives that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from desktop_app.core.errors import StudioError
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import RUNTIME_ERRORS, open_session, sentence
from desktop_app.io.atomic import atomic_write
from desktop_app.io.data.specs import dtype_of, inputs_of
from desktop_app.io.data.synthetic import draw, sample_shapes

SEED = 0

FAILURES: tuple[type[Exception], ...] = (StudioError, *RUNTIME_ERRORS)

PLAIN_KINDS = "fiubcU"
"""Kinds of arrays that can be stored without pickling."""


@dataclass(frozen=True)
class Expectation:
    """Inputs of a model and the outputs that it gave for them, by position.

    Attributes:
        inputs: One array for each input.
        outputs: Position of the output to its array; without outputs that are no arrays or differ from run to run.
        reason: Why there is nothing to compare; empty where there is.
        runnable: Whether ONNX Runtime ran the model.
    """

    inputs: tuple[np.ndarray, ...] = ()
    outputs: Mapping[int, np.ndarray] = field(default_factory=dict)
    reason: str = ""
    runnable: bool = True

    def save(self, path: Path) -> None:
        """Writes the arrays as `input_0`, `output_0` ... of an `.npz`. Raises StudioError."""
        arrays: dict[str, Any] = {f"input_{index}": array for index, array in enumerate(self.inputs)}
        arrays.update({f"output_{index}": array for index, array in self.outputs.items()})
        with atomic_write(path) as file:
            np.savez(file, **arrays)


def expect(model: Model | Path, samples: Mapping[str, np.ndarray] | None = None) -> Expectation:
    """Runs a model, twice, in ONNX Runtime.

    Args:
        model: The model or its file.
        samples: Input name to array; seeded inputs are made up where there are none.

    Returns:
        What it gave; without outputs, but with the reason, where it cannot be run.
    """
    try:
        session = open_session(model)
        feeds = dict(samples) if samples else _made_up(session)
        first, second = session.run(None, feeds), session.run(None, feeds)
    except FAILURES as error:
        return Expectation(reason=str(error) if isinstance(error, StudioError) else sentence(error), runnable=False)
    inputs = tuple(_plain(feeds[one.name]) for one in session.get_inputs())
    outputs = _repeatable(first, second)
    return Expectation(inputs, outputs, "" if outputs else "no output is the same from run to run")


def _made_up(session: object) -> dict[str, np.ndarray]:
    specs = inputs_of(session)
    generator = np.random.default_rng(SEED)
    shapes = sample_shapes(specs)
    return {spec.name: draw(generator, spec.name, shapes[spec.name], dtype_of(spec)) for spec in specs}


def _repeatable(first: Sequence[object], second: Sequence[object]) -> dict[int, np.ndarray]:
    """Outputs that are arrays and came out the same twice."""
    outputs = {}
    for index, (one, other) in enumerate(zip(first, second, strict=True)):
        if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
            array = _plain(one)
            if array.dtype.kind in PLAIN_KINDS and np.array_equal(
                array, _plain(other), equal_nan=array.dtype.kind in "fc"
            ):
                outputs[index] = array
    return outputs


def _plain(array: np.ndarray) -> np.ndarray:
    """Texts as fixed-width unicode: object arrays cannot be stored without pickling."""
    return array.astype(str) if array.dtype.kind == "O" else array
