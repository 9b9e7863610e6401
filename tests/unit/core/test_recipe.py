from desktop_app.core.layer import Layer
from desktop_app.core.recipe import Recipe, is_pattern, matches, unmatched
from desktop_app.core.settings import LayerOverride, LayerSettings


def layer(name: str, origin: str = "") -> Layer:
    return Layer(name, "Conv", (), (1, 1), (1, 1), 1, 1, 4, origin=origin)


def test_exact_name_before_first_pattern_before_defaults():
    recipe = Recipe(
        defaults=LayerSettings(bits=8),
        layers={
            "re:.*conv.*": LayerOverride(prune=0.1),
            "*conv2": LayerOverride(prune=0.2),
            "a/conv2": LayerOverride(prune=0.3),
        },
    )
    assert recipe.settings_for(layer("a/conv2")).prune == 0.3
    assert recipe.settings_for(layer("b/conv2")).prune == 0.1
    assert recipe.settings_for(layer("dense")) == LayerSettings(bits=8)


def test_what_an_override_does_not_name_comes_from_the_defaults():
    recipe = Recipe(defaults=LayerSettings(rank=0.5, bits=8), layers={"a": LayerOverride(rank=None)})
    assert recipe.settings_for(layer("a")) == LayerSettings(rank=None, bits=8)


def test_a_layer_that_a_step_made_is_looked_up_by_its_origin():
    recipe = Recipe(layers={"a": LayerOverride(bits=8)})
    assert recipe.settings_for(layer("a/rank_in", origin="a")).bits == 8


def test_all_settings_at_once_equal_those_one_by_one():
    recipe = Recipe(
        defaults=LayerSettings(bits=16), layers={"re:.*1": LayerOverride(bits=8), "conv2": LayerOverride(locked=True)}
    )
    layers = [layer(f"conv{n}") for n in range(12)]
    assert recipe.settings_of(layers) == {one.name: recipe.settings_for(one) for one in layers}


def test_only_the_star_is_special_in_a_wildcard():
    assert matches("block[0]*", "block[0]/conv?")
    assert not matches("block[0]*", "block0/conv")
    assert matches("*", "line\nbreak")


def test_a_pattern_that_is_no_regular_expression_matches_nothing():
    assert is_pattern("re:(")
    assert not matches("re:(", "(")


def test_a_setting_equal_to_the_defaults_again_leaves_no_trace():
    recipe = Recipe(defaults=LayerSettings(bits=8)).with_layer("a", LayerSettings(bits=8, prune=0.5))
    assert recipe.layers == {"a": LayerOverride(prune=0.5)}
    assert recipe.without_layers({"a"}).layers == {}


def test_names_that_match_no_layer_are_found():
    layers = [layer("a.conv"), layer("b.conv/rank_in", origin="b.conv")]
    recipe = Recipe(layers=dict.fromkeys(["a.conv", "b.conv", "a.*", "c.*", "re:d", "typo"], LayerOverride(prune=0.5)))
    assert unmatched(recipe, layers) == ("c.*", "re:d", "typo")
