"""What the error of one layer does to the model's outputs, measured by making it."""

from collections.abc import Sequence

import numpy as np
import onnx_ir as ir

from desktop_app.bench.fidelity import FidelityMeter
from desktop_app.core.progress import Token
from desktop_app.graph.constants import set_tensor
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from desktop_app.stats.calibration import Batch
from desktop_app.steps.channel_pruning.samples import count
from desktop_app.steps.factorisation.systems import System

SAMPLES = 48
"""Samples that the outputs are compared on: the noise of a layer is an average over all its positions besides."""

SQUASHING = ("Softmax", "LogSoftmax", "Sigmoid")


class Probe:
    """Compares the outputs of changed models with the original's, on a few samples.

    Args:
        model: The original.
        batches: The calibration samples.
        token: Says when to stop.
        samples: How many of them to take.
        scores: Whether to compare what goes into a last Softmax or Sigmoid in the place of what comes out: behind it
            large errors look small.
    """

    def __init__(
        self, model: Model, batches: Sequence[Batch], token: Token, samples: int = SAMPLES, *, scores: bool = False
    ) -> None:
        self._model = model
        self._names = [_before_squashing(value) if scores else value.name or "" for value in model.graph.outputs]
        self._token = token
        self._batches: list[Batch] = []
        seen = 0
        for batch in batches:
            if seen < samples:
                self._batches.append(batch)
                seen += count(batch)
        self._reference = self._outputs(model)

    def noise(self, changed: Model) -> float:
        """Noise by signal at the outputs, the mean over the outputs; infinite where they are no numbers any more."""
        meter = FidelityMeter()
        for expected, got, batch in zip(self._reference, self._outputs(changed), self._batches, strict=True):
            meter.add(expected, got, count(batch))
        found = meter.result(synthetic=False)
        return 0.0 if found is None else float(10 ** (-found.sqnr_db / 10))

    def noise_of(self, system: System, dense: np.ndarray) -> float:
        """Noise at the outputs when a layer has another weight, (outputs, unknowns)."""
        changed = self._model.clone()
        value = changed.node(system.layer.name).inputs[system.weight.index]
        if value is None:
            return 0.0
        set_tensor(value, _stored(system, dense))
        return self.noise(changed)

    def _outputs(self, model: Model) -> list[list[object]]:
        """The outputs of every batch."""
        session = open_session(model, outputs=self._names)
        inputs = {value.name for value in session.get_inputs()}
        found = []
        for batch in self._batches:
            self._token.check()
            found.append(session.run(self._names, {name: array for name, array in batch.items() if name in inputs}))
        return found


def _before_squashing(output: ir.Value) -> str:
    """Name of the scores that an output is made of, or of the output."""
    node = output.producer()
    if node is not None and node.op_type in SQUASHING and node.inputs[0] is not None:
        return node.inputs[0].name or ""
    return output.name or ""


def _stored(system: System, dense: np.ndarray) -> np.ndarray:
    """A weight as the layer's node stores it; its scale, if any, is taken out again."""
    node: ir.Node = system.weight.node
    gemm = node.op_type == "Gemm"
    scale = node.attributes.get_float("alpha", 1.0) if gemm else 1.0
    outputs_first = node.op_type == "Conv" or (gemm and node.attributes.get_int("transB", 0) != 0)
    matrix = dense / scale if scale else dense
    shape = tuple(system.weight.tensor.shape.numpy())
    return np.asarray((matrix if outputs_first else matrix.T).reshape(shape), np.float32)
