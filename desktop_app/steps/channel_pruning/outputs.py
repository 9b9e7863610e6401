"""What changed weights do to the output of the whole model."""

from collections.abc import Mapping, Sequence

import numpy as np

from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from desktop_app.stats.calibration import Batch
from desktop_app.steps.channel_pruning.reader import as_reader
from desktop_app.steps.channel_pruning.samples import held_out

SAMPLES = 64
"""Of the held-out samples so many tell the error of the output."""


class OutputError:
    """Measures the error of the outputs against the model as it is, as a share of their variance over samples."""

    def __init__(self, model: Model, batches: Sequence[Batch]) -> None:
        self._model = model
        self._batches = held_out(batches, SAMPLES)
        self._wanted = self._outputs(model)
        centred = (np.square(array - array.mean(axis=0)).sum(dtype=np.float64) for array in self._wanted)
        self._energy = [max(float(energy), 1e-12) for energy in centred]

    def of_weights(self, weights: Mapping[str, np.ndarray]) -> float:
        """The error with other weights, by layer and in the form of `Reader.start`."""
        changed = self._model.clone()
        for name, array in weights.items():
            reader = as_reader(changed, name)
            if reader is not None:
                reader.store(array)
        return self.of(changed)

    def of(self, model: Model) -> float:
        """The error of a changed model, summed over the outputs."""
        found = zip(self._outputs(model), self._wanted, self._energy, strict=True)
        return sum(float(np.square(one - wanted).sum(dtype=np.float64)) / energy for one, wanted, energy in found)

    def _outputs(self, model: Model) -> list[np.ndarray]:
        """The float outputs over all samples."""
        session = open_session(model)
        inputs = {value.name for value in session.get_inputs()}
        found = [session.run(None, {k: v for k, v in batch.items() if k in inputs}) for batch in self._batches]
        outputs = [np.concatenate(parts) for parts in zip(*found, strict=True)]
        return [array for array in outputs if array.dtype.kind == "f"]
