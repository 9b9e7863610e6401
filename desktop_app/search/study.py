"""What a search has judged, kept in a database as it goes: processes can leave, die, and go on with it."""

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Self

import msgspec
import optuna
from optuna.exceptions import UpdateFinishedTrialError
from optuna.samplers import BaseSampler, RandomSampler
from optuna.storages import fail_stale_trials
from optuna.study import Study as Kept
from optuna.trial import FrozenTrial, TrialState

from desktop_app.core.budget import BudgetLimits, misses, set_limits
from desktop_app.core.errors import StudioError
from desktop_app.core.judged import Judged
from desktop_app.core.report import Machine
from desktop_app.search.claims import SEAT, Claim, Standing, deadly_of, lost_of
from desktop_app.search.database import BEAT_SECONDS, LEASE_SECONDS, open_database, told
from desktop_app.search.drawing import Drawing, Drawn
from desktop_app.search.notes import fields_of, note_in
from desktop_app.search.pulse import Pulse
from desktop_app.search.space import Space
from desktop_app.search.strategies.base import Genes
from desktop_app.search.who import Who, this_process

CLAIM, JUDGED = "claim", "judged"
"""Under these names a candidate's claim and its figures are kept."""

FORMAT, FORMAT_NAME = 2, "format"
"""Counted up when what is kept of a search means something else."""

LEFT = TrialState.PRUNED
"""The state of a claim that its process gave up, or of the seat of a search that ended; FAIL says that it died."""

WORST = (1e18, 1e9, 1e9)
"""Objectives of a candidate that could not be made."""

NOWHERE = Machine("", (), 0)


class Study:
    """The candidates of one search; any number of processes may judge them at once.

    A candidate is claimed before it is judged, by a trial that is written at once with what it comes to. Of two
    claims for the same, the earlier one holds. Claims of dead processes are given up by whoever sees it first, and
    their candidates are judged by another.

    Args:
        storage: A database's address, as Optuna takes it.
        name: Of the search; searches for the same goal on the same model are one.
        space: What there is to choose.
        limits: What candidates are to keep.
        machine: Where this process judges.
        who: This process.
        lease: Seconds without a word after which a process elsewhere is taken for dead.

    Raises:
        StudioError: when the database cannot be used, or a newer program began the search.
    """

    def __init__(
        self,
        storage: str,
        name: str,
        space: Space,
        limits: BudgetLimits,
        machine: Machine = NOWHERE,
        *,
        who: Who | None = None,
        lease: int = LEASE_SECONDS,
    ) -> None:
        self.name = name
        self.processors: Counter[str] = Counter()  # of how many candidates each has judged
        self._limits, self._storage, self._machine, self.lease = limits, storage, machine, lease
        self._beat_seconds = min(BEAT_SECONDS, lease / 4)
        self._who = who or this_process()
        self._database = open_database(storage, lease)
        try:
            self._kept = self._opened()
            self._check_format()
        except BaseException:
            self.close()
            raise
        self._drawing = Drawing(space.sizes, len(WORST))
        self._judged: dict[int, Judged] = {}  # by the numbers of candidates; what follows, by those of trials
        self._claims: dict[int, Claim] = {}
        self._past: set[int] = set()
        self._seen: set[int] = set()
        self._pulse: Pulse | None = None

    def judged(self) -> tuple[Judged, ...]:
        """Those judged by now, in order."""
        return self.standing().judged

    def standing(self) -> Standing:
        """How the search stands; what dead processes have claimed is given up."""
        running, found = dict[int, Claim](), list[tuple[Claim, Judged]]()
        given_up, died = list[Claim](), list[Claim]()
        lead, ended = None, False
        with self._told():
            if self._pulse is not None:
                self._pulse.catch_up()  # else a process that slept would give up what it holds itself
            fail_stale_trials(self._kept)
            for trial in self._kept.get_trials(deepcopy=False):
                if trial.number in self._past or CLAIM not in trial.user_attrs:
                    continue
                claim = self._claim_of(trial)
                runs = trial.state == TrialState.RUNNING and self._still_runs(trial, claim)
                if claim.number == SEAT:
                    lead, ended = (lead or claim.who if runs else lead), trial.state == LEFT
                elif runs:
                    running.setdefault(claim.number, claim)
                elif trial.state == TrialState.COMPLETE:
                    found.append((claim, msgspec.json.decode(trial.user_attrs[JUDGED], type=Judged)))
                    self._forget_past(trial)
                else:
                    given_up.append(claim)
                    if trial.state != LEFT:
                        died.append(claim)
        for claim, judged in sorted(found, key=lambda one: one[1].number):
            self._learn(claim.as_drawn, judged)
            self.processors[claim.machine.cpu] += 1
        judged_now = tuple(self._judged[number] for number in sorted(self._judged))
        held = tuple(one for number, one in running.items() if number not in self._judged)
        lost, deadly = lost_of(given_up, judged_now, held), deadly_of(died)
        return Standing(judged_now, held, lost, lead, ended and lead is None, deadly)

    def draw(self, sampler: BaseSampler, start: Genes | None = None) -> Drawn:
        """A candidate: `start`, or else one that the sampler draws from what `standing` has told of."""
        return self._drawing.draw(sampler, start)

    def claim(self, number: int, drawn: Drawn, genes: Genes) -> "Asked | None":
        """Claims a candidate for this process; None where another has claimed it, or its number, before.

        Args:
            number: Of the candidate.
            drawn: As it was drawn.
            genes: What it comes to.
        """
        mine = Claim(number, genes, drawn.genes, drawn.notes, self._who, self._machine, uuid.uuid4().hex)
        with self._told():
            attributes = {CLAIM: msgspec.json.encode(mine).decode()}
            self._kept.add_trial(optuna.create_trial(state=TrialState.RUNNING, user_attrs=attributes))
            trials = self._kept.get_trials(deepcopy=False)
            trial = next(one for one in reversed(trials) if one.user_attrs.get(CLAIM) == attributes[CLAIM])
            asked = Asked(trial._trial_id, mine)
            self._hold(asked.trial)
            if any(self._goes_before(one, mine) for one in trials if one.number < trial.number):
                self._end(asked.trial, TrialState.FAIL if number == SEAT else LEFT)  # a seat that was never taken
                return None
        return asked

    def tell(self, asked: "Asked", found: Judged) -> bool:
        """Keeps what was found of a candidate; false where this process was taken for dead, and another judges it."""
        with self._told():
            try:
                self._database.set_trial_user_attr(asked.trial, JUDGED, msgspec.json.encode(found).decode())
            except UpdateFinishedTrialError:
                self._let_go(asked.trial)
                return False
            return self._end(asked.trial, TrialState.COMPLETE, WORST if found.failed else found.objectives)

    def forget(self, asked: "Asked") -> None:
        """Notes that a candidate was not judged to the end: it is still to be judged."""
        with self._told():
            self._end(asked.trial, LEFT)

    @contextmanager
    def beating(self) -> Iterator[None]:
        """While this goes on, other processes see that this one lives."""
        if self._pulse is not None:
            yield
            return
        pulse = Pulse(self._database.record_heartbeat, self._database.remove_session, self._beat_seconds)
        with pulse:
            self._pulse = pulse
            try:
                yield
            finally:
                self._pulse = None

    def leave(self, seat: "Asked") -> None:
        """Ends the search: those who help it leave, too."""
        with self._told():
            self._end(seat.trial, LEFT)

    def note(self, name: str, text: str) -> None:
        """Keeps what the search has found out before its candidates."""
        with self._told():
            for field, value in fields_of(name, text):
                self._kept.set_user_attr(field, value)

    def noted(self, name: str) -> str | None:
        """What was kept under a name; None where nothing was."""
        with self._told():
            return note_in(self._kept.user_attrs, name)

    def close(self) -> None:
        """Lets the database go."""
        self._database.remove_session()
        self._database.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def _opened(self) -> Kept:
        with self._told():
            return optuna.create_study(
                storage=self._database,
                sampler=RandomSampler(),
                study_name=self.name,
                directions=["minimize"] * len(WORST),
                load_if_exists=True,
            )

    def _learn(self, drawn: Drawn, judged: Judged) -> None:
        missed = misses(self._limits, judged)
        constraints = {name: missed.get(name, 0.0) for name in set_limits(self._limits)}
        constraints["made"] = 1.0 if judged.failed else 0.0
        self._drawing.learn(drawn, WORST if judged.failed else judged.objectives, constraints)
        self._judged[judged.number] = judged

    def _claim_of(self, trial: FrozenTrial) -> Claim:
        claim = self._claims.get(trial.number)
        if claim is None:
            claim = self._claims[trial.number] = msgspec.json.decode(trial.user_attrs[CLAIM], type=Claim)
        return claim

    def _forget_past(self, trial: FrozenTrial) -> None:
        self._past.add(trial.number)
        self._claims.pop(trial.number, None)

    def _still_runs(self, trial: FrozenTrial, claim: Claim) -> bool:
        """Whether its process lives, as far as can be told; else it is given up."""
        alive, identity = claim.who.alive, trial._trial_id
        if alive is False:
            self._end(identity, TrialState.FAIL)
            return False
        if alive is None and trial.number not in self._seen:  # it may have died before it first said that it lives
            self._seen.add(trial.number)
            self._database.record_heartbeat(identity)
        return True

    def _goes_before(self, other: FrozenTrial, mine: Claim) -> bool:
        """Whether an earlier claim holds for the same candidate or number."""
        if other.state not in (TrialState.RUNNING, TrialState.COMPLETE) or CLAIM not in other.user_attrs:
            return False
        claim = self._claim_of(other)
        return claim.number == mine.number or (claim.genes == mine.genes and mine.number != SEAT != claim.number)

    def _hold(self, trial: int) -> None:
        if self._pulse is not None:
            self._pulse.hold(trial)
        else:
            self._database.record_heartbeat(trial)

    def _let_go(self, trial: int) -> None:
        if self._pulse is not None:
            self._pulse.let_go(trial)

    def _end(self, trial: int, state: TrialState, values: Sequence[float] | None = None) -> bool:
        """Ends a claim, once and for all; false where somebody else has."""
        self._let_go(trial)
        try:
            return self._database.set_trial_state_values(trial, state, values)
        except UpdateFinishedTrialError:
            return False

    def _check_format(self) -> None:
        with self._told():
            known = self._kept.user_attrs.get(FORMAT_NAME)
            if known is None:
                self._kept.set_user_attr(FORMAT_NAME, FORMAT)
        if known is not None and known > FORMAT:
            raise StudioError("This search was begun by a newer version of this program: go on with it by that one.")
        if known is not None and known < FORMAT:
            raise StudioError(
                "This search was begun by an older version of this program, which kept it in another way: give it "
                "another seed."
            )

    def _told(self) -> AbstractContextManager[None]:
        return told(self._storage)


class Asked(msgspec.Struct, frozen=True):
    """A candidate to be judged: the claim for it, and the trial that holds the claim."""

    trial: int
    claim: Claim
