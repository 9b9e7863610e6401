"""From a limit to a net: measured, taught together, searched, chosen by what is measured whole, taught alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import msgspec
import numpy as np

from desktop_app.bench.kernels import KernelTimes
from desktop_app.bench.machine import thread_count
from desktop_app.conversion import ends_of
from desktop_app.core.architecture import Architecture, Candidate
from desktop_app.core.design import Design
from desktop_app.core.errors import StudioError
from desktop_app.core.measuring import Measuring
from desktop_app.core.methods import RecoverMethod
from desktop_app.core.progress import Measurement, Progress, Token
from desktop_app.core.tokens import Part, Quiet
from desktop_app.graph.model import Model
from desktop_app.learn.supernet.lessons import Examination, Lessons
from desktop_app.learn.supernet.student import Within
from desktop_app.search.design.evolution import Evolution
from desktop_app.search.design.latency import Latencies
from desktop_app.search.design.plan import Finalist, KeptPlan, Plan
from desktop_app.search.design.playoff import play_off
from desktop_app.search.design.scaling import Scaled, by_width, compound, within
from desktop_app.search.design.whole import milliseconds, untrained
from desktop_app.stats.training import TrainingSamples
from desktop_app.zoo.families import family_named
from desktop_app.zoo.size import Wishes
from desktop_app.zoo.supernet.blueprint import blueprint_of
from desktop_app.zoo.supernet.elastic import Supernet
from desktop_app.zoo.supernet.plain import Searched, plain
from desktop_app.zoo.supernet.space import Genes, Space, space_about

PROBES = 6
"""Nets that are measured whole before the search, so that predictions are corrected."""

MARGIN = 0.97
"""Of the limit may be used: what is measured in the end differs from what was measured before."""

TAUGHT = 2.0
"""Over the limit: nets that take longer are not taught. They will not be chosen, and would take most of the time."""

AT_ONCE, MOST_MEASURED = 4, 16
"""Nets that are measured whole in turns after the search, and how many at most until one keeps the limit."""

FINALISTS = 4
"""Of the nets that keep the limit so many play off who learns best."""


@dataclass(frozen=True)
class Timed:
    """A net measured whole: its place among those that were asked for, and its time.

    Attributes:
        place: From 0.
        share: What it takes, as a share of what it may take.
        limit: What it may take, in milliseconds.
    """

    place: int
    share: float
    limit: float


@dataclass(frozen=True)
class Chosen:
    """The net that was chosen.

    Attributes:
        architecture: What it looks like.
        module: With what it has learned.
        limit_ms: What it was allowed to take.
        taken_ms: What it took, measured whole in turns with the user's model.
        candidates: All nets that were judged.
        space: The nets there were; None where the family was scaled.
        parameter: The factor on the width, or the compound parameter, where it was scaled.
        notes: What the user should know, a sentence each.
    """

    architecture: Architecture
    module: Searched
    limit_ms: float
    taken_ms: float
    candidates: tuple[Candidate, ...] = ()
    space: Space | None = None
    parameter: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def missed(self) -> bool:
        """Whether it takes longer than it was allowed to."""
        return self.taken_ms > self.limit_ms


@dataclass
class Designer:
    """Designs a net.

    Attributes:
        teacher: The user's model.
        design: What is asked for.
        samples: What is learned on.
        measuring: How nets are measured.
        token: Hears of progress; says when to stop.

    Raises:
        StudioError: when the model is no classifier of images, the family cannot be searched, or no limit is given.
    """

    teacher: Model
    design: Design
    samples: TrainingSamples
    measuring: Measuring
    token: Token
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.design.latency_ms is None and self.design.speedup is None:
            raise StudioError("A design needs a limit: give a latency in milliseconds, or a speed-up.")
        family = family_named(self.design.family)
        self.blueprint = blueprint_of(family)
        self.size, self.ends = ends_of(family, Wishes(), self.teacher)
        threads = thread_count(self.measuring.threads)
        self.measuring = Measuring(threads, self.measuring.seconds)
        self.latencies = Latencies(self.blueprint, self.size, KernelTimes(threads, Quiet(self.token)))
        method = RecoverMethod(batch=self.design.batch, labels=self.design.labels)
        self.lessons = Lessons.of(self.teacher, self.ends, self.samples, method, self.design.seed)
        self._kept = KeptPlan.of(self.teacher, self.design, threads)

    def choose(self) -> Chosen:
        """The net that keeps the limit and does best, not taught alone yet; the nearest where none keeps it.

        Raises:
            Cancelled: when the token says so; the next call for the same goes on in the training where this one was.
        """
        self.token.report(Progress("profile", 0.0))
        plan = self._kept.read() or self._plan()
        base, limit = Scaled(plan.parameter, plan.base), plan.limit_ms
        self.latencies.factor, self.latencies.each = plan.factor, plan.each
        if self.design.scaling != "search":
            return self._scaled(base)
        space = space_about(self.blueprint, base.architecture)
        smallest = space.architecture(space.smallest)
        if self.latencies.of(smallest) > limit:
            return self._fresh([smallest], space=space)
        supernet = Supernet(space, self.size, self.design.seed)
        steps = self.design.steps if self.design.supernet_steps is None else self.design.supernet_steps
        if steps:
            self.lessons.share(supernet, self._within(space, TAUGHT * limit), steps, self.token)
        return self._searched(plan, space, supernet)

    def teach(self, module: Searched) -> None:
        """Teaches a net alone; its state becomes the best one. Raises Cancelled, as above."""
        if self.design.steps:
            trained = self.lessons.finish(module, self.design.steps, self.token)
            self.notes.append(f"The net was taught for {trained.steps:,} steps of {self.design.batch} samples.")
        self._kept.remove()
        self.lessons.forget()

    def _limit(self, original: float) -> float:
        """Milliseconds that the net may take, where the user's model takes `original`."""
        design = self.design
        allowed = [] if design.latency_ms is None else [design.latency_ms]
        return MARGIN * min([*allowed, *([original / design.speedup] if design.speedup is not None else [])])

    def _plan(self) -> Plan:
        """The family's own net that keeps the limit, by its standard scaling; kept, for times are never twice the same.

        Nets about it are measured whole on the way, beside the user's model, and predictions corrected.
        """
        limit = self._limit(milliseconds([self.teacher], self.measuring, self.token)[0])
        ways = compound if self.design.scaling == "compound" else by_width
        first = within(ways(self.blueprint, self.size), self.latencies.of, limit)
        rng = np.random.default_rng(self.design.seed)
        space = space_about(self.blueprint, first.architecture)
        probes = [first.architecture, *(space.architecture(space.drawn(rng)) for _ in range(PROBES - 1))]
        models = [self.teacher, *map(self._untrained, probes)]
        original, *taken = milliseconds(models, self.measuring, self.token)
        self.latencies.correct(list(zip(probes, taken, strict=True)))
        limit, latencies = self._limit(original), self.latencies
        base = within(ways(self.blueprint, self.size), latencies.of, limit)
        plan = Plan(limit, latencies.factor, latencies.each, base.architecture, base.parameter)
        self._kept.write(plan)
        return plan

    def _within(self, space: Space, limit: float) -> Within:
        """Brings nets down to a limit of time."""

        def within(genes: Genes, rng: np.random.Generator) -> Genes:
            return Evolution(space, lambda one: self.latencies.of(space.architecture(one)), limit, rng).within(genes)

        return within

    def _scaled(self, base: Scaled) -> Chosen:
        """The family's own net; a smaller one where it takes longer than was predicted."""
        ways = compound if self.design.scaling == "compound" else by_width
        smaller = [one for one in ways(self.blueprint, self.size) if one.parameter <= base.parameter]
        falling = {one.architecture: one.parameter for one in reversed(smaller)}
        chosen = self._fresh(list(falling))
        return replace(chosen, parameter=falling[chosen.architecture])

    def _fresh(self, architectures: Sequence[Architecture], space: Space | None = None) -> Chosen:
        """The first net that keeps the limit, with weights that know nothing."""
        one = self._keeping(architectures)[0]
        architecture = architectures[one.place]
        module = plain(self.blueprint, self.size, architecture, self.design.seed)
        return Chosen(architecture, module, one.limit, one.share * one.limit, space=space, notes=tuple(self.notes))

    def _searched(self, plan: Plan, space: Space, supernet: Supernet) -> Chosen:
        """That of the best nets that evolution finds which learns best by itself."""
        examination = Examination(self.lessons, supernet)
        if not plan.finalists:
            plan = self._with_finalists(plan, space, examination)
            self._kept.write(plan)
        nets = [examination.net(one.genes).cpu() for one in plan.finalists]
        place = play_off(nets, self.design.steps, self._rehearsed)
        if len(nets) > 1 and self.design.steps:
            self.notes.append(f"Of {len(nets)} nets that were taught for a while that which learned best was chosen.")
        one, notes = plan.finalists[place], tuple(self.notes)
        architecture, taken = space.architecture(one.genes), one.share * one.limit_ms
        return Chosen(architecture, nets[place], one.limit_ms, taken, plan.candidates, space, notes=notes)

    def _rehearsed(self, net: Searched, steps: int, number: int, lessons: int) -> float:
        """What held-out samples lose once a net was taught for so many steps."""
        return self.lessons.rehearse(net, steps, Part(self.token, number, lessons)).best.loss

    def _with_finalists(self, plan: Plan, space: Space, examination: Examination) -> Plan:
        """The plan with what evolution finds: what it judged, and the best that keep the limit as measured whole."""
        rng = np.random.default_rng((self.design.seed, 3))
        judged = list[tuple[Candidate, Genes]]()

        def latency(genes: Genes) -> float:
            return self.latencies.of(space.architecture(genes))

        def worth(genes: Genes) -> tuple[float, float]:
            self.token.check()
            told = f"candidate {len(judged) + 1} of {self.design.candidates}"
            self.token.report(Progress("search", len(judged) / self.design.candidates, told))
            found = examination.judge(genes)
            one = Candidate(len(judged), space.architecture(genes), latency(genes), found.agreement, found.loss)
            if one.agreement is not None and all(one.worth > other.worth for other, _ in judged):
                self.token.report(Measurement("top1_agreement", one.agreement, "search"))
            judged.append((one, genes))
            return one.worth

        for _ in Evolution(space, latency, plan.limit_ms, rng).run(worth, self.design.candidates):
            pass
        best = sorted(judged, key=lambda one: one[0].worth, reverse=True)
        keeping = self._keeping([one.architecture for one, _ in best])[:FINALISTS]
        finalists = tuple(Finalist(best[one.place][1], one.share, one.limit) for one in keeping)
        return msgspec.structs.replace(plan, candidates=tuple(one for one, _ in judged), finalists=finalists)

    def _keeping(self, architectures: Sequence[Architecture]) -> Sequence[Timed]:
        """Those of the first that keep the limit as they are measured whole, in turns; the fastest where none does."""
        timed = list[Timed]()
        for start in range(0, min(len(architectures), MOST_MEASURED), AT_ONCE):
            some = architectures[start : start + AT_ONCE]
            self.token.report(Progress("finalists", start / MOST_MEASURED))
            models = [self.teacher, *map(self._untrained, some)]
            original, *taken = milliseconds(models, self.measuring, self.token)
            limit = self._limit(original)
            timed += [Timed(place, time / limit, limit) for place, time in enumerate(taken, start)]
            if any(one.share <= 1.0 for one in timed):
                break
        return [one for one in timed if one.share <= 1.0] or [min(timed, key=lambda one: one.share)]

    def _untrained(self, architecture: Architecture) -> Model:
        return untrained(self.blueprint, self.size, self.ends, architecture)
