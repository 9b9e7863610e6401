import pytest
from msgspec.structs import replace

from desktop_app.core.budget import Budget, BudgetLimits
from desktop_app.core.methods import PruneMethod
from desktop_app.core.predict import predict
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerOverride, LayerSettings
from desktop_app.graph.model import Model
from desktop_app.search.space import Space, grounded, space_of
from tests.contracts.small_nets import NETS, residual
from tests.unit.search.tiny import summary_of

EVERYTHING = Budget(limits=BudgetLimits(bytes=1), free=("structure", "prune", "rank", "bits"))


def space(model: Model, base: Recipe | None = None, budget: Budget = EVERYTHING) -> Space:
    return space_of(summary_of(model), budget, grounded(base or Recipe()))


@pytest.mark.parametrize("name", NETS)
def test_every_value_of_every_choice_alone_is_accepted(name: str) -> None:
    summary, base = summary_of(NETS[name]()), grounded(Recipe())
    found = space_of(summary, EVERYTHING, base)
    assert found.choices
    start = predict(summary, base).cost
    for place, choice in enumerate(found.choices):
        for gene in range(1, len(choice.values)):
            genes = [gene if one == place else 0 for one in range(len(found.choices))]
            told = predict(summary, found.recipe(genes, base))
            assert not any(choice.knob in told.refusals.get(one, {}) for one in choice.layers), choice
            assert told.cost != start
            assert found.effective(genes, summary, base) == tuple(genes)


def test_values_of_a_choice_come_to_different_models() -> None:
    summary, base = summary_of(residual()), grounded(Recipe())
    found = space_of(summary, replace(EVERYTHING, free=("prune",)), base)
    for place, choice in enumerate(found.choices):
        kept = [
            predict(summary, found.recipe([gene * (one == place) for one in range(len(found.choices))], base)).kept
            for gene in range(len(choice.values))
        ]
        assert len({tuple(sorted(one.items())) for one in kept}) == len(kept)


def test_locked_layers_stay_and_so_does_what_is_cut_together_with_them() -> None:
    model = residual()
    locked = model.layers[0].name
    base = Recipe(layers={locked: LayerOverride(locked=True)})
    choices = space(model, base).choices
    assert choices
    assert all(locked not in one.layers for one in choices)
    assert space(model, Recipe(defaults=LayerSettings(locked=True))).choices == ()


def test_only_what_is_free_may_change() -> None:
    assert {one.knob for one in space(residual(), budget=replace(EVERYTHING, free=("bits",))).choices} == {"bits"}


def test_of_a_recipe_the_methods_and_the_locks_are_left() -> None:
    base = Recipe(
        defaults=LayerSettings(bits=8),
        layers={"a": LayerOverride(prune=0.5), "b": LayerOverride(locked=True, bits=4)},
        methods=replace(Recipe().methods, prune=PruneMethod(scope="global", target_macs=0.5, min_channels=4)),
    )
    found = grounded(base)
    assert found.defaults == LayerSettings()
    assert found.layers == {"a": LayerOverride(), "b": LayerOverride(locked=True)}
    assert found.methods.prune == PruneMethod(min_channels=4)
    assert found.methods.quantize == replace(base.methods.quantize, float_start=0.0)


def test_the_fewest_channels_of_the_methods_are_kept() -> None:
    base = Recipe(methods=replace(Recipe().methods, prune=PruneMethod(min_channels=16)))
    summary = summary_of(residual())
    found = space(residual(), base, replace(EVERYTHING, free=("prune",)))
    widest = [one for one in summary.groups if not one.refusal and one.channels > 16]
    assert len(found.choices) == len(widest) == 1


def test_the_number_of_candidates_is_told() -> None:
    found = space(residual())
    assert found.told() == {knob: sum(one.knob == knob for one in found.choices) for knob in found.told()}
    product = 1
    for size in found.sizes:
        product *= size
    assert 10**found.exponent == pytest.approx(product)
    assert found.recipe([0] * len(found.choices), grounded(Recipe())) == grounded(Recipe())


def test_channels_go_in_small_steps_where_time_is_not_limited() -> None:
    """Whole blocks of kernels are no cheaper in multiply-accumulates."""
    counts = {}
    for name, limits in (("macs", BudgetLimits(macs=1)), ("both", BudgetLimits(macs=1, speedup=2.0))):
        (*found,) = space(residual(), budget=Budget(limits=limits, free=("prune",))).choices
        counts[name] = [len(one.values) for one in found]
    assert len(counts["macs"]) == len(counts["both"])
    assert sum(counts["macs"]) > 2 * sum(counts["both"])
