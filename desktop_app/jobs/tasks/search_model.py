"""Finding the settings that keep a budget."""

from collections.abc import Sequence
from math import inf
from pathlib import Path
from time import monotonic

import msgspec
from msgspec.structs import replace

from desktop_app.bench.curves import width_curves
from desktop_app.bench.kernels import KernelTimes
from desktop_app.bench.machine import versions
from desktop_app.bench.profile import profile_layers
from desktop_app.core.budget import best_without, misses
from desktop_app.core.errors import StudioError
from desktop_app.core.extras import why_no_torch
from desktop_app.core.judged import Judged, front_of
from desktop_app.core.progress import Progress, Token
from desktop_app.core.searching import SearchBegun
from desktop_app.core.sensitivity import Sensitivity
from desktop_app.core.summary import LayerProfile
from desktop_app.graph.model import Model
from desktop_app.io.bundle import check_folder
from desktop_app.jobs.best_so_far import BestSoFar
from desktop_app.jobs.opened import opened
from desktop_app.jobs.search_basis import Basis, basis_of
from desktop_app.jobs.searches import MOST_OF_FRONT, PROFILE, SearchFinished, SearchModel
from desktop_app.search.finalists import Finals
from desktop_app.search.finding import Search
from desktop_app.search.goal import Goal, keep_goal
from desktop_app.search.importance import Weighing
from desktop_app.search.judging import Judge
from desktop_app.search.leading import led
from desktop_app.search.naming import default_storage
from desktop_app.search.sensitivities import changes_weighed
from desktop_app.search.study import Study
from desktop_app.sensitivity import find_sensitivity

SENSITIVITY_SAMPLES = 64

LEFT = "left"
"""Under this name the study keeps the hash of the measured model in the folder."""

SENSITIVITY_SHARE = 0.4
"""Of the time of a search, at most: the rest is for candidates, on large models and busy computers too."""


def run(request: SearchModel, token: Token) -> SearchFinished:
    """Searches, and leaves the best in the folder.

    Raises:
        StudioError: when there is nothing to choose, the data do not fit, or the database or folder cannot be used.
        Cancelled: when the token says so; what was judged is kept, and the best so far is in the folder.
    """
    began, one = monotonic(), opened(request.snapshot)
    until = inf if request.budget.time is None else began + SENSITIVITY_SHARE * request.budget.time
    check_folder(Path(request.folder), (one.snapshot.source,))
    if request.budget.recover and (why_not := why_no_torch()):
        raise StudioError(why_not)
    basis = basis_of(request.snapshot, request.budget, request.base, request.measuring.threads, token)
    left = BestSoFar(one, Path(request.folder), request.measuring, request.language)
    with _study(request, basis) as study, led(study, token):
        left.measured_before(study.noted(LEFT))
        known = study.judged()
        token.report(SearchBegun(basis.space.choices, basis.base, known, basis.samples.data.labelled))
        token = Weighing(token, known)
        judge = _judge(request, basis, study, token)
        finals = Finals(judge, request.budget, left.carry_out, lambda: study.note(LEFT, left.finalist()))
        search = Search(
            judge,
            request.budget,
            study,
            lambda: _sensitivity(basis, until, token),
            lambda judged, model: left.candidate(model, finals.recipe(judged)),
            began,
        )
        judged = search.find(token)
    finalists = finals.measure(judged, token)
    return _found(request, basis, study, judged, finalists, finals.warnings, left)


def _study(request: SearchModel, basis: Basis) -> Study:
    """The database of the search.

    Raises:
        StudioError: when it cannot be used, or the search was begun before, and is not to go on.
    """
    storage = request.storage or default_storage()
    study = Study(storage, basis.study, basis.space, request.budget.draft_limits, basis.machine)
    if study.judged() and not request.resume:
        raise StudioError("This search was begun before: go on with it by --resume, or give it another seed.")
    return study


def _judge(request: SearchModel, basis: Basis, study: Study, token: Token) -> Judge:
    """Judges candidates; all who help need the times of the layers and the goal, so the study keeps them."""
    snapshot, base, space, data = basis.one.snapshot, basis.base, basis.space, basis.samples.data
    profile = _profile(basis.one.model, request.measuring.threads, study, token)
    source = str(snapshot.source)
    keep_goal(study, Goal(source, snapshot.sha256, basis.mark, request.budget, base, space, basis.machine, versions()))
    return Judge(basis.one.model, snapshot.sha256, basis.summary, profile, space, base, data)


def _sensitivity(basis: Basis, until: float, token: Token) -> Sensitivity:
    sha256, data, titles = basis.one.snapshot.sha256, basis.samples.data, changes_weighed(basis.space, basis.base)
    return find_sensitivity(
        basis.one.model, sha256, basis.base, data, SENSITIVITY_SAMPLES, token, titles=titles, until=until
    )


def _profile(model: Model, threads: int, study: Study, token: Token) -> LayerProfile:
    """The times of the layers, with curves; those of the search's beginning, where it goes on."""
    noted = study.noted(PROFILE)
    if noted is not None:
        return msgspec.json.decode(noted, type=LayerProfile)
    token.report(Progress("profile", 0.0))
    profile = profile_layers(model, threads=threads, token=token)
    curves = width_curves(model.layers, profile.milliseconds, KernelTimes(threads, token))
    profile = replace(profile, curves=curves)
    study.note(PROFILE, msgspec.json.encode(profile).decode())
    return profile


def _found(
    request: SearchModel,
    basis: Basis,
    study: Study,
    judged: Sequence[Judged],
    finalists: tuple[Judged, ...],
    warnings: Sequence[str],
    left: BestSoFar,
) -> SearchFinished:
    """What is told of a search, whose best is in the folder, and then in the history where there is one."""
    best, limits, given = finalists[0], request.budget.limits, left.given()
    kept, not_kept = left.keep(request.history) if request.history else (None, "")
    return SearchFinished(
        best=best,
        missed=misses(limits, best),
        without=best_without(limits, judged),
        front=_thinned(front_of(judged)),
        finalists=finalists,
        judged=len(judged),
        failed=sum(bool(one.failed) for one in judged),
        recipe=given.recipe,
        report=given.report,
        choices=dict(basis.space.told()),
        exponent=basis.space.exponent,
        warnings=tuple(dict.fromkeys((*basis.samples.remarks, *warnings, *given.report.warnings))),
        kept=kept,
        not_kept=not_kept,
        study=study.name,
        processors=dict(study.processors),
    )


def _thinned(front: Sequence[Judged]) -> tuple[Judged, ...]:
    """Of a long front evenly spread ones, both ends among them."""
    if len(front) <= MOST_OF_FRONT:
        return tuple(front)
    return tuple(front[round(place * (len(front) - 1) / (MOST_OF_FRONT - 1))] for place in range(MOST_OF_FRONT))
