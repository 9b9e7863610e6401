"""Finding the settings that keep a budget."""

from collections.abc import Sequence
from pathlib import Path
from time import monotonic

import msgspec
from msgspec.structs import replace

from desktop_app.bench.curves import width_curves
from desktop_app.bench.kernels import KernelTimes
from desktop_app.bench.machine import this_machine, versions
from desktop_app.bench.profile import profile_layers
from desktop_app.core.budget import best_without, misses
from desktop_app.core.errors import StudioError
from desktop_app.core.judged import Judged, front_of
from desktop_app.core.progress import Progress, Token
from desktop_app.core.report import Machine
from desktop_app.core.searching import SearchBegun
from desktop_app.core.sensitivity import Sensitivity
from desktop_app.core.summary import LayerProfile
from desktop_app.graph.model import Model
from desktop_app.io.bundle import check_folder
from desktop_app.jobs.best_so_far import BestSoFar
from desktop_app.jobs.opened import opened
from desktop_app.jobs.search_basis import basis_of
from desktop_app.jobs.searches import MOST_OF_FRONT, PROFILE, SearchFinished, SearchModel
from desktop_app.search.finalists import Finals
from desktop_app.search.finding import Search
from desktop_app.search.goal import Goal, keep_goal, mark_of
from desktop_app.search.importance import Weighing
from desktop_app.search.judging import Judge
from desktop_app.search.leading import led
from desktop_app.search.naming import default_storage
from desktop_app.search.space import Space
from desktop_app.search.study import Study
from desktop_app.sensitivity import find_sensitivity

SENSITIVITY_SAMPLES = 32


def run(request: SearchModel, token: Token) -> SearchFinished:
    """Searches, and leaves the best in the folder.

    Raises:
        StudioError: when there is nothing to choose, the data do not fit, or the database or folder cannot be used.
        Cancelled: when the token says so; what was judged is kept, and the best so far is in the folder.
    """
    began, one = monotonic(), opened(request.snapshot)
    check_folder(Path(request.folder), (one.snapshot.source,))
    basis = basis_of(request.snapshot, request.budget, request.base, request.measuring.threads, token)
    base, space, data, sha256 = basis.base, basis.space, basis.samples.data, one.snapshot.sha256
    machine = this_machine(request.measuring.threads)
    left = BestSoFar(one, Path(request.folder), request.measuring, request.language)

    def sensitivity() -> Sensitivity:
        return find_sensitivity(one.model, sha256, base, data, SENSITIVITY_SAMPLES, token)

    with _study(request, basis.study, space, machine) as study, led(study, token):
        known = study.judged()
        token.report(SearchBegun(space.choices, base, known, data.labelled))
        token = Weighing(token, known)
        profile = _profile(one.model, request.measuring.threads, study, token)
        goal = Goal(str(one.snapshot.source), sha256, mark_of(data), request.budget, base, space, machine, versions())
        keep_goal(study, goal)
        judge = Judge(one.model, sha256, basis.summary, profile, space, base, data)
        finals = Finals(judge, request.budget, lambda recipe: left.carry_out(recipe, token), left.finalist)
        search = Search(
            judge,
            request.budget,
            study,
            sensitivity,
            lambda judged, model: left.candidate(model, finals.recipe(judged)),
            began,
        )
        judged = search.find(token)
    finalists = finals.measure(judged, token)
    best, given = finalists[0], left.given()
    recipe, report = given.recipe, given.report
    kept, not_kept = left.keep(Path(request.history)) if request.history else (None, "")
    return SearchFinished(
        best=best,
        missed=misses(request.budget.limits, best),
        without=best_without(request.budget.limits, judged),
        front=_thinned(front_of(judged)),
        finalists=finalists,
        judged=len(judged),
        failed=sum(bool(one.failed) for one in judged),
        recipe=recipe,
        report=report,
        choices=dict(space.told()),
        exponent=space.exponent,
        warnings=tuple(dict.fromkeys((*basis.samples.remarks, *finals.warnings, *report.warnings))),
        kept=kept,
        not_kept=not_kept,
        study=study.name,
        processors=dict(study.processors),
    )


def _study(request: SearchModel, name: str, space: Space, machine: Machine) -> Study:
    study = Study(request.storage or default_storage(), name, space, request.budget.limits, machine)
    if study.judged() and not request.resume:
        raise StudioError("This search was begun before: go on with it by --resume, or give it another seed.")
    return study


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


def _thinned(front: Sequence[Judged]) -> tuple[Judged, ...]:
    """Of a long front evenly spread ones, both ends among them."""
    if len(front) <= MOST_OF_FRONT:
        return tuple(front)
    return tuple(front[round(place * (len(front) - 1) / (MOST_OF_FRONT - 1))] for place in range(MOST_OF_FRONT))
