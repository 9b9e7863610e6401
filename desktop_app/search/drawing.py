"""Draws candidates from what was judged, in memory: what is drawn and not taken leaves no trace in the database."""

from collections.abc import Container, Mapping, Sequence
from copy import deepcopy as copied
from datetime import datetime
from typing import Any, NoReturn

import optuna
from msgspec import Struct
from optuna.distributions import BaseDistribution, IntDistribution
from optuna.samplers import BaseSampler
from optuna.storages import BaseStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from desktop_app.search.strategies.base import Genes

BEGINNING = datetime(2000, 1, 1)
"""When candidates were judged is of no interest to samplers."""

NOTHING: dict[Any, Any] = {}


class _Numbers(IntDistribution):
    """Equal at a glance: for each draw Optuna compares those of all candidates, and they are the same ones."""

    def __eq__(self, other: object) -> bool:
        return self is other or super().__eq__(other)

    __hash__ = IntDistribution.__hash__


class Drawn(Struct, frozen=True):
    """A candidate as it was drawn, and what the sampler wants to know of it later."""

    genes: Genes
    notes: dict[str, Any]


class Drawing:
    """The candidates judged so far as a sampler sees them.

    Args:
        sizes: How many values each choice has.
        objectives: How many figures are to be made small.
    """

    def __init__(self, sizes: Sequence[int], objectives: int) -> None:
        self._distributions: dict[str, BaseDistribution] = {
            f"c{place:04d}": _Numbers(0, size - 1) for place, size in enumerate(sizes)
        }
        self._memory = _Memory(objectives)
        self._study = optuna.create_study(
            storage=self._memory, sampler=optuna.samplers.RandomSampler(), directions=["minimize"] * objectives
        )

    def learn(self, drawn: Drawn, values: Sequence[float], constraints: Mapping[str, float]) -> None:
        """Takes note of a candidate that was judged. The order counts."""
        trial = FrozenTrial(
            number=-1,
            trial_id=-1,
            state=TrialState.COMPLETE,
            value=None,
            values=values,
            datetime_start=BEGINNING,
            datetime_complete=BEGINNING,
            params=self._named(drawn.genes),
            distributions=self._distributions,  # the same for all: of hundreds of choices they are most of a trial
            user_attrs=NOTHING,
            system_attrs=dict(drawn.notes),
            intermediate_values=NOTHING,
        )
        for name, value in constraints.items():
            trial.set_constraint(name, value)
        self._memory.keep(trial)

    def draw(self, sampler: BaseSampler, start: Genes | None = None) -> Drawn:
        """A candidate: `start`, or else one that the sampler draws."""
        self._study.sampler = sampler
        self._memory.fixed = self._named(start) if start is not None else None
        trial = self._study.ask(self._distributions)
        if start is not None:
            trial.relative_params  # noqa: B018 - Optuna asks the sampler only for what is open, and NSGA-II then ...
        # ... does not count the candidate to a generation, so that it never has children
        found = self._memory.drop()
        genes = tuple(int(found.params[name]) for name in self._distributions)
        return Drawn(genes, {name: one for name, one in found.system_attrs.items() if name != FIXED})

    def _named(self, genes: Genes) -> dict[str, Any]:
        return dict(zip(self._distributions, genes, strict=True))


FIXED = "fixed_params"
"""Under this name Optuna looks for what is not to be drawn."""


class _Memory(BaseStorage):
    """One study of Optuna's: candidates that were judged, and at most one that is being drawn, the last."""

    def __init__(self, objectives: int) -> None:
        self.fixed: dict[str, Any] | None = None
        self._directions = [StudyDirection.MINIMIZE] * objectives
        self._trials: list[FrozenTrial] = []
        self._notes: dict[str, Any] = {}

    def keep(self, trial: FrozenTrial) -> int:
        trial.number = trial._trial_id = len(self._trials)
        self._trials.append(trial)
        return trial.number

    def drop(self) -> FrozenTrial:
        return self._trials.pop()

    def create_new_trial(self, study_id: int, template_trial: FrozenTrial | None = None) -> int:
        attributes = {FIXED: self.fixed} if self.fixed is not None else {}
        return self.keep(optuna.create_trial(state=TrialState.RUNNING, system_attrs=attributes))

    def set_trial_param(
        self, trial_id: int, param_name: str, param_value_internal: float, distribution: BaseDistribution
    ) -> None:
        trial = self._trials[trial_id]
        trial.params[param_name] = distribution.to_external_repr(param_value_internal)
        trial.distributions[param_name] = distribution

    def set_trial_system_attr(self, trial_id: int, key: str, value: Any) -> None:
        self._trials[trial_id].system_attrs[key] = value

    def get_trial(self, trial_id: int) -> FrozenTrial:
        return self._trials[trial_id]

    def get_all_trials(
        self, study_id: int, deepcopy: bool = True, states: Container[TrialState] | None = None
    ) -> list[FrozenTrial]:
        found = [one for one in self._trials if states is None or one.state in states]
        return copied(found) if deepcopy else found

    def set_study_system_attr(self, study_id: int, key: str, value: Any) -> None:
        self._notes[key] = value

    def get_study_system_attrs(self, study_id: int) -> dict[str, Any]:
        return self._notes

    def get_study_directions(self, study_id: int) -> list[StudyDirection]:
        return self._directions

    def create_new_study(self, directions: Sequence[StudyDirection], study_name: str | None = None) -> int:
        return 0

    def get_study_id_from_name(self, study_name: str) -> int:
        return 0

    def get_study_name_from_id(self, study_id: int) -> str:
        return ""

    def get_study_user_attrs(self, study_id: int) -> dict[str, Any]:
        return {}

    def delete_study(self, study_id: int) -> NoReturn:
        raise NotImplementedError

    def get_all_studies(self) -> NoReturn:
        raise NotImplementedError

    def set_study_user_attr(self, study_id: int, key: str, value: Any) -> NoReturn:
        raise NotImplementedError

    def set_trial_state_values(
        self, trial_id: int, state: TrialState, values: Sequence[float] | None = None
    ) -> NoReturn:
        raise NotImplementedError

    def set_trial_intermediate_value(self, trial_id: int, step: int, intermediate_value: float) -> NoReturn:
        raise NotImplementedError

    def set_trial_user_attr(self, trial_id: int, key: str, value: Any) -> NoReturn:
        raise NotImplementedError
