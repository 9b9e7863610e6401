"""Helping a search that another process leads: candidates are judged beside the others."""

import time
from pathlib import Path, PurePath

import msgspec
from msgspec.structs import replace

from desktop_app.bench.machine import this_machine
from desktop_app.core.budget import Budget
from desktop_app.core.data import DataSettings
from desktop_app.core.errors import InvalidFileError, StudioError
from desktop_app.core.judged import Judged
from desktop_app.core.progress import Event, Progress, Token
from desktop_app.core.sensitivity import Sensitivity
from desktop_app.core.summary import LayerProfile
from desktop_app.core.text import clean_name
from desktop_app.core.tokens import InFront
from desktop_app.graph.model import Model
from desktop_app.jobs.opened import OpenedModel, opened, summary_of
from desktop_app.jobs.sampled import sampled
from desktop_app.jobs.searches import PROFILE, JoinSearch, SearchHelped
from desktop_app.search.finding import Search
from desktop_app.search.goal import GOAL, Goal, check_versions, goal_of, mark_of
from desktop_app.search.joining import join
from desktop_app.search.judging import Judge
from desktop_app.search.naming import default_storage
from desktop_app.search.study import Study

POLL_SECONDS = 1.0


def run(request: JoinSearch, token: Token) -> SearchHelped:
    """Judges candidates until the search has ended.

    Raises:
        StudioError: when there is no such search, or this process would judge otherwise than the others.
        Cancelled: when the token says so; what was judged is kept.
    """
    one = opened(request.model) if request.model else None
    storage = request.storage or default_storage()
    sha256 = one.snapshot.sha256 if one is not None else ""
    study, goal = join(storage, request.study, sha256, this_machine(1), request.wait, token)
    with study:
        check_versions(goal)
        judge = _judge(one or _opened_there(goal), goal, study, request.data, token)
        counting = _Counting(token)
        search = Search(judge, _budget(goal), study, _asked_of_the_lead, _kept_by_the_lead, leads=False)
        _help(search, goal, request.wait, counting)
        standing = study.standing()
    name = PurePath(goal.source.replace("\\", "/")).name
    return SearchHelped(study.name, name, counting.judged, len(standing.judged), standing.ended)


def _help(search: Search, goal: Goal, wait: float, token: "_Counting") -> None:
    """Judges until the search has ended; where another takes it up, it may have made it longer."""
    study, led = search.study, True
    while led:
        goal = goal_of(study.noted(GOAL)) or goal
        check_versions(goal)
        search.budget, before = _budget(goal), token.judged
        search.find(token)
        led = not study.standing().ended and _led_again(study, wait, token)
        if led and token.judged == before:  # all were given out: the one that leads is about to end, or to say more
            time.sleep(POLL_SECONDS)


def _budget(goal: Goal) -> Budget:
    return replace(goal.budget, time=None)  # the one that leads looks at the clock


def _opened_there(goal: Goal) -> OpenedModel:
    """The model where the search had it: on this machine, or on a disk that both see."""
    try:
        return opened(goal.source)
    except InvalidFileError as error:
        raise StudioError(f"Name the model of the search, {clean_name(goal.source)}: {error}") from error


def _judge(one: OpenedModel, goal: Goal, study: Study, data: str, token: Token) -> Judge:
    """Judges as the process that leads does, and with its times.

    Raises:
        StudioError: when the model or the samples are others.
    """
    if one.snapshot.sha256 != goal.sha256:
        raise StudioError(f"{clean_name(one.snapshot.source.name)} is another model than that of the search.")
    token.report(Progress("data", 0.0))
    settings = _moved(goal.base.data, data) if data else goal.base.data
    samples = sampled(one.model, settings, goal.budget.seed, token)
    if mark_of(samples.data) != goal.samples:
        raise StudioError(
            f"The samples in {clean_name(settings.path or 'the program')} are others than those of the search: name "
            "a copy of its samples by --data."
        )
    profile = msgspec.json.decode(study.noted(PROFILE) or "", type=LayerProfile)
    return Judge(one.model, goal.sha256, summary_of(one), profile, goal.space, goal.base, samples.data)


def _moved(settings: DataSettings, path: str) -> DataSettings:
    """The samples at another place; labels that lay among them lie there, too."""
    labels = settings.labels
    if labels is not None and settings.path is not None and PurePath(labels).is_relative_to(settings.path):
        labels = str(Path(path) / PurePath(labels).relative_to(settings.path))
    return replace(settings, path=path, labels=labels)


def _led_again(study: Study, wait: float, token: Token) -> bool:
    """Waits for a search to go on whose process was killed; false where it does not, or has ended."""
    began = time.monotonic()
    while (waited := time.monotonic() - began) < wait:
        token.check()
        standing = study.standing()
        if standing.lead is not None:
            return True
        if standing.ended:
            return False
        token.report(Progress("wait", waited / wait))
        time.sleep(POLL_SECONDS)
    return False


class _Counting(InFront):
    """Counts what this process has judged."""

    def __init__(self, token: Token) -> None:
        super().__init__(token)
        self.judged = 0

    def report(self, event: Event) -> None:
        self.judged += isinstance(event, Judged)
        super().report(event)


def _asked_of_the_lead() -> Sensitivity:
    raise StudioError("The search has not told yet what it begins with.")


def _kept_by_the_lead(judged: Judged, model: Model) -> None:
    """The folder with the best is where the search was begun."""
