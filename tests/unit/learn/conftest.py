"""Small models and samples to train on."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from desktop_app.io.data.base import Samples
from desktop_app.stats.training import TrainingSamples


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    torch.set_num_threads(1)


def samples_of(arrays: dict[str, np.ndarray], labels: np.ndarray | None = None, *, layout: str = "") -> TrainingSamples:
    """Training samples out of arrays."""
    count = len(next(iter(arrays.values())))

    def read(indices: Sequence[int], size: int) -> Iterator[Samples]:
        for start in range(0, len(indices), size):
            chosen = list(indices[start : start + size])
            found = {name: array[chosen] for name, array in arrays.items()}
            yield Samples(found, None if labels is None else labels[chosen])

    return TrainingSamples(read, tuple(range(count)), labels is not None, layout, key="arrays")
