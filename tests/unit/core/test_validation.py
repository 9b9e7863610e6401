import pytest
from msgspec.structs import replace

from desktop_app.core.data import DataSettings, Preprocess
from desktop_app.core.errors import InvalidRecipeError
from desktop_app.core.methods import (
    LowRankMethod,
    Methods,
    PruneMethod,
    QuantizeMethod,
    RecoverMethod,
    RestructureMethod,
)
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerOverride, LayerSettings
from desktop_app.core.validation import check_recipe, problems


def with_prune(**choices: object) -> Recipe:
    return Recipe(methods=Methods(prune=PruneMethod(**choices)))


def without_ranges(**chosen: object) -> Recipe:
    methods = Methods(quantize=QuantizeMethod(activations="dynamic"), recover=RecoverMethod(**chosen))
    return Recipe(methods=methods)


def with_recover(**chosen: object) -> Recipe:
    return Recipe(methods=Methods(recover=RecoverMethod(**chosen)))


def with_restructure(**changes: object) -> Recipe:
    return Recipe(methods=Methods(restructure=RestructureMethod(**changes)))


def with_low_rank(**choices: object) -> Recipe:
    return Recipe(methods=Methods(low_rank=LowRankMethod(**choices)))


def with_multiplier(multiplier: int) -> Recipe:
    return Recipe(methods=Methods(restructure=RestructureMethod(multiplier=multiplier)))


def with_preprocess(**choices: object) -> Recipe:
    return Recipe(data=DataSettings(preprocess=Preprocess(**choices)))


def test_the_default_recipe_can_be_carried_out() -> None:
    check_recipe(Recipe())


@pytest.mark.parametrize("unit", ["channels", "weights", "2:4", "1:2", "63:64"])
@pytest.mark.parametrize("prune", [0.0, 0.5, 0.999])
def test_what_can_be_carried_out_passes(unit: str, prune: float) -> None:
    check_recipe(with_prune(target_latency=0.5, target_macs=0.5))
    check_recipe(with_low_rank(target_macs=0.6, chosen={"a": "cp 24", "b": "tucker2 8 16"}))
    check_recipe(replace(with_prune(unit=unit, target_macs=0.5), defaults=LayerSettings(prune=prune, rank=0.25)))


@pytest.mark.parametrize(
    ("recipe", "path"),
    [
        (Recipe(version=2), "version"),
        (Recipe(seed=-1), "seed"),
        (Recipe(seed=2**63), "seed"),
        (Recipe(data=DataSettings(calibration=0)), "data.calibration"),
        (with_preprocess(resize=0), "data.preprocess.resize"),
        (with_preprocess(crop=(224, 0)), "data.preprocess.crop"),
        (with_preprocess(scale=0.0), "data.preprocess.scale"),
        (with_preprocess(std=(1.0, 0.0, 1.0)), "data.preprocess.std"),
        (with_preprocess(mean=(0.0, 0.0)), "data.preprocess.mean"),
        (with_preprocess(mean=(float("nan"),)), "data.preprocess.mean"),
        (Recipe(defaults=LayerSettings(prune=1.0)), "defaults.prune"),
        (Recipe(defaults=LayerSettings(prune=float("nan"))), "defaults.prune"),
        (Recipe(defaults=LayerSettings(rank=0)), "defaults.rank"),
        (Recipe(defaults=LayerSettings(rank=1.5)), "defaults.rank"),
        (Recipe(defaults=LayerSettings(bits=7)), "defaults.bits"),
        (Recipe(layers={"/conv1": LayerOverride(prune=-0.1)}), "layers./conv1.prune"),
        (Recipe(layers={"re:(": LayerOverride(bits=8)}), "layers.re:("),
        (with_prune(unit="4:2"), "methods.prune.unit"),
        (with_prune(unit="2:128"), "methods.prune.unit"),
        (with_prune(unit="0:4"), "methods.prune.unit"),
        (with_prune(unit="rows"), "methods.prune.unit"),
        (with_prune(criterion="wanda"), "methods.prune.criterion"),
        (with_prune(criterion="sparsegpt"), "methods.prune.criterion"),
        (with_prune(criterion="batch_norm", unit="2:4"), "methods.prune.criterion"),
        (Recipe(methods=Methods(quantize=QuantizeMethod(float_start=1.0))), "methods.quantize.float_start"),
        (Recipe(methods=Methods(quantize=QuantizeMethod(block=2))), "methods.quantize.block"),
        (Recipe(methods=Methods(quantize=QuantizeMethod(block=10_000))), "methods.quantize.block"),
        (with_prune(target_macs=1.0), "methods.prune.target_macs"),
        (with_prune(target_latency=0.0), "methods.prune.target_latency"),
        (with_prune(unit="weights", scope="latency"), "methods.prune.unit"),
        (with_prune(criterion="taylor"), "methods.prune.criterion"),
        (with_prune(round_to=0), "methods.prune.round_to"),
        (with_prune(min_channels=0), "methods.prune.min_channels"),
        (with_restructure(resolution=0.0), "methods.restructure.resolution"),
        (with_restructure(share=0.0), "methods.restructure.share"),
        (with_restructure(share=1.0), "methods.restructure.share"),
        (with_restructure(resolution=1.5), "methods.restructure.resolution"),
        (with_restructure(resolution=float("nan")), "methods.restructure.resolution"),
        (with_restructure(multiplier=0), "methods.restructure.multiplier"),
        (with_low_rank(target_macs=1.0), "methods.low_rank.target_macs"),
        (with_low_rank(target_sqnr_db=0.0), "methods.low_rank.target_sqnr_db"),
        (with_low_rank(target_sqnr_db=float("nan")), "methods.low_rank.target_sqnr_db"),
        (with_low_rank(target_macs=0.5, target_sqnr_db=20.0), "methods.low_rank.target_sqnr_db"),
        (with_low_rank(round_to=0), "methods.low_rank.round_to"),
        (with_multiplier(0), "methods.restructure.multiplier"),
        (with_multiplier(17), "methods.restructure.multiplier"),
        (with_low_rank(chosen={"conv": "cp"}), "methods.low_rank.chosen.conv"),
        (with_low_rank(chosen={"conv": "tucker2 4"}), "methods.low_rank.chosen.conv"),
        (with_low_rank(chosen={"conv": "cp 0"}), "methods.low_rank.chosen.conv"),
        (with_recover(steps=-1), "methods.recover.steps"),
        (with_recover(quantised_steps=-1), "methods.recover.quantised_steps"),
        (without_ranges(quantised_steps=5), "methods.recover.quantised_steps"),
        (with_recover(seconds=0.0), "methods.recover.seconds"),
        (with_recover(batch=0), "methods.recover.batch"),
        (with_recover(temperature=0.0), "methods.recover.temperature"),
        (with_recover(rate=0.0), "methods.recover.rate"),
        (with_recover(features=-1.0), "methods.recover.features"),
        (with_recover(label_weight=1.5), "methods.recover.label_weight"),
        (with_recover(warm_up=float("nan")), "methods.recover.warm_up"),
        (with_recover(average=1.0), "methods.recover.average"),
        (with_recover(mixup=-0.1), "methods.recover.mixup"),
        (with_recover(share=1.0), "methods.recover.share"),
        (with_recover(patience=0), "methods.recover.patience"),
    ],
)
def test_names_the_key_that_is_wrong(recipe: Recipe, path: str) -> None:
    assert [where for where, _ in problems(recipe)] == [path]
    with pytest.raises(InvalidRecipeError) as raised:
        check_recipe(recipe)
    assert f"In the recipe, {path} must be " in str(raised.value)


def test_tells_everything_that_is_wrong() -> None:
    recipe = Recipe(version=3, seed=-1, defaults=LayerSettings(prune=2.0))
    assert [where for where, _ in problems(recipe)] == ["version", "seed", "defaults.prune"]
