"""Whether a change of the whole model is kept: measured on this machine, the model before and after it in turns."""

from collections.abc import Callable, Collection

from msgspec import Struct
from msgspec.structs import replace

from desktop_app.bench.latency import compare
from desktop_app.core.errors import InvalidFileError, InvalidRecipeError
from desktop_app.core.layer import Layer
from desktop_app.core.methods import RestructureMethod
from desktop_app.core.outcome import Outcome
from desktop_app.core.progress import Progress, Token
from desktop_app.core.recipe import Recipe
from desktop_app.graph.model import Model
from desktop_app.steps.base import Choice, cost_of

SECONDS = 4.0

UNMEASURED = "how long it takes on this machine cannot be measured, so that it is not known to be faster"


class Times(Struct, frozen=True):
    """Milliseconds of a run before and after; how many times as fast it is, with the ends of the interval of 95 %."""

    before: float
    after: float
    speedup: float
    low: float
    high: float

    @property
    def faster(self) -> bool:
        """Whether it is faster beyond doubt."""
        return self.low > 1.0

    @property
    def said(self) -> str:
        """All of it, for a sentence."""
        return (
            f"{self.before:.3g} ms before and {self.after:.3g} ms after, {self.speedup:.2f} times as fast"
            f" ({self.low:.2f} to {self.high:.2f}; one thread, in turns)"
        )


Watch = Callable[[Model, Model, Token], Times | None]
"""What times a model before and after a change; None where that cannot be told."""


def in_turns(before: Model, after: Model, token: Token) -> Times | None:
    """Times both on one thread, on inputs that are made up."""
    try:
        first, second = compare((before, after), threads=1, seconds=SECONDS, token=token).rows
    except (InvalidFileError, InvalidRecipeError):
        return None
    return Times(
        first.latency_ms.median,
        second.latency_ms.median,
        second.ratio.median,
        second.ratio.ci95[0],
        second.ratio.ci95[1],
    )


def decide(
    step: str,
    changed: tuple[Model, Model],
    layers: Collection[Layer],
    recipe: Recipe,
    without: RestructureMethod,
    watch: Watch,
    token: Token,
    *,
    last: bool,
) -> Choice:
    """Keeps a change of the whole model where that is faster, and else asks for none; both written out.

    Args:
        step: Name of the step whose change it is.
        changed: The model before it and after it.
        layers: Those of the model before that it changes.
        recipe: What is asked for.
        without: The method that asks for no such change.
        watch: What times the two.
        token: Hears of progress; says when to stop.
        last: Whether no other change of the whole model is measured after it.
    """
    token.report(Progress(step, 0.0, "measuring whether it is faster"))
    before, after = changed
    times = watch(before, after, token)
    if times is not None and times.faster:
        return Choice(
            _written(recipe, before, recipe.methods.restructure, last=last), (), (f"Measured: {times.said}.",)
        )
    reason = UNMEASURED if times is None else f"it is not faster: {times.said}"
    outcomes = tuple(
        Outcome(step, layer.origin or layer.name, False, f"as it was, {reason}", cost_of(layer), cost_of(layer))
        for layer in layers
    )
    return Choice(_written(recipe, before, without, last=last), outcomes, (f"Undone, since {reason}.",))


def _written(recipe: Recipe, model: Model, method: RestructureMethod, *, last: bool) -> Recipe:
    """The recipe with a method, no more to be measured unless something later is: it then replays without a clock."""
    later = not last and method.activations != "keep"
    later = later or any(one.structure != "keep" for one in recipe.settings_of(model.layers).values())
    method = replace(method, keep_faster=later)
    return replace(recipe, methods=replace(recipe.methods, restructure=method))
