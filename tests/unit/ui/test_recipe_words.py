from desktop_app.core.methods import Methods, PruneMethod, RecoverMethod, RestructureMethod
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.ui.recipe_words import recipe_words


def words(summary, recipe):
    return recipe_words(recipe, summary.layers)


def test_what_is_asked_is_counted_by_technique(summary):
    recipe = Recipe(defaults=LayerSettings(bits=8)).with_layers(
        {
            "/stem/conv": LayerSettings(prune=0.25, bits=8),
            "/block/inner/conv1": LayerSettings(prune=0.5, rank=4, bits=4),
            "/block/inner/conv2": LayerSettings(structure="separable", bits=8),
            "/block/norm": LayerSettings(prune=0.9, locked=True),
        }
    )
    assert words(summary, recipe) == (
        "one layer made separable",
        "25 % to 50 % of 2 layers pruned",
        "one layer of low rank",
        "3 layers in 8 bits",
        "one layer in 4 bits",
    )


def test_a_target_is_told_in_place_of_the_ratios_and_training_with_its_steps(summary):
    methods = Methods(prune=PruneMethod(target_macs=0.5), recover=RecoverMethod(steps=200, quantised_steps=100))
    recipe = Recipe(defaults=LayerSettings(prune=0.3), methods=methods)
    assert words(summary, recipe) == ("pruned to 50 % of the MACs", "trained for up to 300 steps")


def test_a_recipe_that_asks_nothing_says_so(summary):
    assert words(summary, Recipe()) == ("nothing is changed",)


def test_what_is_rewritten_is_told(summary):
    methods = Methods(restructure=RestructureMethod(activations="relu", resolution=0.75))
    layers = {"/block/inner/conv2": LayerSettings(structure="stacked", rank=8)}
    told = words(summary, Recipe(methods=methods).with_layers(layers))
    assert told == ("one layer made a stack", "activations become Relu", "resolution 75 %")
