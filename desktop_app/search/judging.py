"""What a candidate costs and loses: told cheaply while a search goes on, and measured whole in the end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter

from msgspec.structs import replace

from desktop_app.bench.evaluate import Evaluation, evaluate
from desktop_app.core.errors import NothingChangedError, StudioError
from desktop_app.core.judged import Judged
from desktop_app.core.methods import Criterion, Methods, PruneMethod
from desktop_app.core.predict import predict
from desktop_app.core.progress import Token
from desktop_app.core.recipe import Recipe
from desktop_app.core.report import Report
from desktop_app.core.summary import LayerProfile, ModelSummary
from desktop_app.core.tokens import Quiet
from desktop_app.graph.model import Model
from desktop_app.io.data import DataSet
from desktop_app.metering import cost_of, stored_bytes
from desktop_app.pipeline import CalibrationSamples, Pipeline
from desktop_app.run import BATCH
from desktop_app.search.garbage import collected_afterwards
from desktop_app.search.samples import remembered
from desktop_app.search.space import Space
from desktop_app.stats.calibration import Batch

MOST_CALIBRATING = 32
"""Samples that candidates are refitted on, at most; a finalist is refitted on all of them."""

GLANCE = 32
"""Samples that a candidate is judged on first."""

HOPELESS_DB = 0.0
"""A candidate whose outputs hold more noise than this at a glance is judged by that."""

DRAFT_BLOCK = 32
"""Weights that share a scale where only weights are stored: to choose that for each layer takes as long as all else."""

THREADS = 1
"""For judging: outputs do not depend on how many there are, and others work on this machine, too."""


@dataclass
class Judge:
    """Makes candidates and tells what they cost and lose.

    Of the calibration samples, a third calibrate candidates and the rest judge them, so that what evaluates
    finalists is seen by no search.

    Attributes:
        model: The opened model.
        key: Its hash.
        summary: Its layer table.
        profile: The time of its layers, with curves.
        space: What there is to choose.
        base: The recipe that candidates go out from, `grounded`.
        data: The samples.
        correction: Time that finalists took over what was predicted for them.
    """

    model: Model
    key: str
    summary: ModelSummary
    profile: LayerProfile
    space: Space
    base: Recipe
    data: DataSet
    pipeline: Pipeline = field(default_factory=Pipeline)
    correction: float = 1.0
    _accuracy: dict[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        indices = self.data.calibration_indices
        count = self.data.filling(min(max(len(indices) // 3, 1), MOST_CALIBRATING))
        judging = indices[count:]
        self._calibrating, self._judging = indices[:count], judging if len(judging) >= self.data.filling(1) else indices
        self._glance = self.data.filling(GLANCE)
        self._draft = draft_of(self.base, rewritten=any(one.knob == "structure" for one in self.space.choices))
        self._data = remembered(self.data, self.model, threads=THREADS)

    @property
    def original(self) -> tuple[int, ...]:
        """The genes of the model as it is."""
        return (0,) * len(self.space.choices)

    def effective(self, genes: Sequence[int]) -> tuple[int, ...]:
        """See `Space.effective`."""
        return self.space.effective(genes, self.summary, self._draft)

    def judge(self, number: int, genes: Sequence[int], token: Token) -> tuple[Judged, Model | None]:
        """What a candidate costs and loses, by prediction and on the samples that judge; and its model.

        Raises:
            Cancelled: when the token says so.
        """
        with collected_afterwards():
            return self._judge(number, genes, token)

    def _judge(self, number: int, genes: Sequence[int], token: Token) -> tuple[Judged, Model | None]:
        started = perf_counter()
        judged = Judged(number, tuple(genes))
        try:
            made = self.make(genes, token)
            found = self._evaluated(made, token)
            drop = self._drop(found, token)
        except StudioError as error:
            return replace(judged, failed=str(error), seconds=perf_counter() - started), None
        latency, fidelity = self.latency_of(genes), found.fidelity
        judged = replace(
            judged,
            bytes=stored_bytes(made),
            macs=cost_of(made).macs,
            latency_ms=latency,
            speedup=self.profile.total_ms / latency if latency > 0 else 1.0,
            sqnr_db=fidelity.sqnr_db if fidelity is not None else 0.0,
            agreement=fidelity.top1_agreement if fidelity is not None else None,
            drop=drop,
            samples=found.samples,
            seconds=perf_counter() - started,
        )
        return judged, made

    def make(self, genes: Sequence[int], token: Token) -> Model:
        """The candidate's model, by quick methods; as it was opened where there is nothing to do.

        Raises:
            StudioError: when it cannot be made.
            Cancelled: when the token says so.
        """
        model, recipe = self.model, self.space.recipe(genes, self._draft)
        try:
            for done in self.pipeline.run(self.model, self.key, recipe, self._samples(), Quiet(token)):
                model = done.result.model
        except NothingChangedError:
            if any(genes):
                raise
        return model

    def latency_of(self, genes: Sequence[int]) -> float:
        """Milliseconds that a candidate is predicted to take, corrected by what finalists took."""
        predicted = predict(self.summary, self.space.recipe(genes, self._draft), self.profile).latency_ms
        return self.correction * (predicted or 0.0)

    def _evaluated(self, made: Model, token: Token) -> Evaluation:
        """On few samples first; on all of them unless these say that there is no hope."""
        found = self._on(made, self._judging[: self._glance], token)
        hopeless = found.fidelity is not None and found.fidelity.sqnr_db < HOPELESS_DB
        return found if hopeless or len(self._judging) <= self._glance else self._on(made, self._judging, token)

    def _on(self, model: Model, indices: Sequence[int], token: Token) -> Evaluation:
        return evaluate(model, self._data, indices, threads=THREADS, token=Quiet(token))

    def _samples(self) -> CalibrationSamples:
        def batches() -> Iterator[Batch]:
            return (one.inputs for one in self._data.batches(self._calibrating, BATCH))

        key = f"{self._draft.data}{self._draft.seed}/{len(self._calibrating)}"
        return CalibrationSamples(batches, len(self._calibrating), self.data.synthetic, key, draft=True)

    def _drop(self, found: Evaluation, token: Token) -> float | None:
        """Points of accuracy that a candidate loses on the samples that it was judged on; None without labels."""
        if found.accuracy is None:
            return None
        if found.samples not in self._accuracy:
            indices = self._judging if found.samples > self._glance else self._judging[: self._glance]
            self._accuracy[found.samples] = self._on(self.model, indices, token).accuracy or 0.0
        return 100.0 * (self._accuracy[found.samples] - found.accuracy)


def draft_of(recipe: Recipe, *, rewritten: bool) -> Recipe:
    """The recipe with methods that are quick, and choose nothing by measuring: candidates are compared, not shipped.

    Args:
        recipe: What candidates go out from.
        rewritten: Whether candidates differ in structure before channels are cut. What channels are worth is then told
            by their weights, for data would have to tell it of each anew; else data tells it once for all.
    """
    methods = recipe.methods
    quantize = replace(
        methods.quantize,
        rounding="nearest" if methods.quantize.rounding == "nearest" else "auto",
        keep_faster=False,
        float_start=0.0,
        min_sqnr_db=None,
        block=DRAFT_BLOCK if methods.quantize.block == "auto" else methods.quantize.block,
    )
    quick = Methods(
        prune=replace(methods.prune, criterion=_quick(methods.prune)) if rewritten else methods.prune,
        low_rank=replace(methods.low_rank, keep_faster=False, reconstruct=False),
        restructure=replace(methods.restructure, keep_faster=False),
        quantize=quantize,
    )
    return replace(recipe, methods=quick)


def _quick(method: PruneMethod) -> Criterion:
    """What makes a channel worth keeping, by the weights alone where the base leaves that to the program."""
    return "group_norm" if method.criterion == "auto" and method.unit == "channels" else method.criterion


def measured(judged: Judged, report: Report) -> Judged:
    """A candidate with what a whole run measured of it, on samples that no search has seen."""
    after, before, speedup = report.compressed, report.original, report.speedup
    drop = None
    if after.accuracy is not None and before.accuracy is not None:
        drop = 100.0 * (before.accuracy - after.accuracy)
    fidelity = after.fidelity
    return replace(
        judged,
        bytes=after.bytes,
        macs=after.macs,
        latency_ms=after.latency_ms.median if after.latency_ms is not None else judged.latency_ms,
        speedup=speedup.median if speedup is not None else judged.speedup,
        speedup_low=speedup.ci95[0] if speedup is not None else None,
        speedup_high=speedup.ci95[1] if speedup is not None else None,
        sqnr_db=fidelity.sqnr_db if fidelity is not None else judged.sqnr_db,
        agreement=fidelity.top1_agreement if fidelity is not None else None,
        drop=drop,
        peak_memory=after.peak_memory,
        measured=True,
        samples=fidelity.samples if fidelity is not None else 0,
    )
