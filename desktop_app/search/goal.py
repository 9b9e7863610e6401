"""What a search keeps of itself, so that other processes can help it: they judge alike, or not at all."""

import hashlib
from collections.abc import Mapping

import msgspec
import numpy as np
from msgspec import Struct

from desktop_app.bench.machine import versions
from desktop_app.core.budget import Budget
from desktop_app.core.errors import StudioError
from desktop_app.core.recipe import Recipe
from desktop_app.core.report import Machine
from desktop_app.core.text import clean_name
from desktop_app.io.data import DataSet
from desktop_app.search.space import Space
from desktop_app.search.study import Study

GOAL = "goal"
"""Under this name the study keeps it."""

LOOKED_AT = 16
"""Samples that tell one set from another, evenly spread."""


class Goal(Struct, frozen=True):
    """What is searched for, and with what.

    Attributes:
        source: The model's file, on the machine where the search began.
        sha256: Of the model.
        samples: What tells the samples from others.
        budget: What is asked for.
        base: What candidates go out from, complete with the data.
        space: What there is to choose.
        machine: The one whose times are predicted and measured.
        versions: Of the program, and of what computes for it.
    """

    source: str
    sha256: str
    samples: str
    budget: Budget
    base: Recipe
    space: Space
    machine: Machine
    versions: dict[str, str]


def keep_goal(study: Study, goal: Goal) -> None:
    """Keeps it in the study, as it is now: budgets may be made larger."""
    study.note(GOAL, msgspec.json.encode(goal).decode())


def goal_of(noted: str | None) -> Goal | None:
    """What a study keeps; None where it keeps nothing that this program understands."""
    try:
        return None if noted is None else msgspec.json.decode(noted, type=Goal)
    except msgspec.DecodeError:
        return None


def check_versions(goal: Goal) -> None:
    """Raises StudioError where this program would judge otherwise than the one that began the search."""
    mine = versions()
    for name, version in goal.versions.items():
        if mine.get(name) != version:
            raise StudioError(
                f"The search goes on with {clean_name(name)} {clean_name(version)}, and here is "
                f"{clean_name(mine.get(name, 'none'))}: install the same version."
            )


def mark_of(data: DataSet) -> str:
    """What tells samples from others: how many there are, which of them calibrate and evaluate, what some hold."""
    known = (data.kind, data.samples, data.calibration_indices, data.evaluation_indices)
    digest = hashlib.sha256(msgspec.json.encode(known))
    indices = data.calibration_indices
    looked_at = min(data.filling(LOOKED_AT), len(indices))
    places = np.unique(np.linspace(0, len(indices) - 1, looked_at).astype(int))
    for batch in data.batches([indices[place] for place in places], 1):
        arrays: Mapping[str, np.ndarray] = {**batch.inputs, **batch.outputs}
        for name, array in sorted(arrays.items()):
            digest.update(name.encode() + np.ascontiguousarray(array).tobytes())
        if batch.labels is not None:
            digest.update(np.ascontiguousarray(batch.labels).tobytes())
    return digest.hexdigest()
