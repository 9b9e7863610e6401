import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core.data import DataSettings, Preprocess
from desktop_app.core.errors import InvalidRecipeError
from desktop_app.core.methods import LowRankMethod, Methods, PruneMethod, QuantizeMethod
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import BITS, LayerOverride, LayerSettings
from desktop_app.io.recipes import format_recipe, parse_recipe, read_recipe, write_recipe

DESIGN = """
version: 1
data:
  path: imagenet-sample/images          # or --data on the command line
  labels: imagenet-sample/labels.csv
  preprocess: {resize: 256, crop: 224, scale: 127.5, mean: [1, 1, 1], std: [1, 1, 1], color: rgb, layout: nchw}
  calibration: 300
seed: 0
defaults: {prune: 0.0, rank: null, bits: 8, structure: keep}
layers:
  "/layer1/0/conv1/Conv": {prune: 0.5}
  "re:.*classifier.*": {bits: 32, locked: true}
methods:
  prune: {unit: channels, criterion: l2, scope: layer, target_macs: null, reconstruct: true, round_to: 1}
  low_rank: {kind: auto, weighted: true}
  quantize: {activations: true, scheme: auto, calibration: auto, rounding: nearest}
  recover: {steps: 0, batch: 128, labels: false, temperature: 4.0}
"""

shares = st.floats(0.0, 1.0, exclude_max=True, allow_subnormal=True)
ranks = st.none() | st.integers(1, 10**6) | st.floats(1e-9, 1.0)
numbers = st.floats(-1e6, 1e6).filter(bool)
names = st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda name: not name.startswith("re:"))
preprocesses = st.builds(
    Preprocess,
    resize=st.none() | st.integers(1, 4096),
    crop=st.none() | st.integers(1, 4096) | st.tuples(st.integers(1, 4096), st.integers(1, 4096)),
    scale=numbers,
    mean=st.tuples(numbers) | st.tuples(numbers, numbers, numbers),
    std=st.tuples(numbers) | st.tuples(numbers, numbers, numbers),
    color=st.sampled_from(["rgb", "bgr"]),
    layout=st.sampled_from(["nchw", "nhwc"]),
)
overrides = st.fixed_dictionaries(
    {}, optional={"prune": shares, "rank": ranks, "bits": st.sampled_from(BITS), "locked": st.booleans()}
).map(lambda chosen: LayerOverride(**chosen))
recipes = st.builds(
    Recipe,
    data=st.builds(
        DataSettings,
        path=st.none() | names,
        preprocess=st.none() | preprocesses,
        calibration=st.integers(1, 10**6),
    ),
    seed=st.integers(0, 2**63 - 1),
    defaults=st.builds(LayerSettings, prune=shares, rank=ranks, bits=st.sampled_from(BITS), locked=st.booleans()),
    layers=st.dictionaries(names, overrides, max_size=4),
    methods=st.builds(
        Methods,
        prune=st.builds(PruneMethod, unit=st.sampled_from(["channels", "weights", "2:4"]), round_to=st.integers(1, 64)),
        low_rank=st.builds(LowRankMethod, kind=st.sampled_from(["auto", "tucker2"]), weighted=st.booleans()),
        quantize=st.builds(QuantizeMethod, activations=st.sampled_from([True, False, "dynamic"])),
    ),
)


@given(recipes)
def test_what_is_written_is_read_back_exactly(recipe: Recipe) -> None:
    text = format_recipe(recipe)
    assert parse_recipe(text) == recipe
    assert format_recipe(parse_recipe(text)) == text


def test_the_design_s_recipe() -> None:
    recipe = parse_recipe(DESIGN)
    assert recipe.data.preprocess == Preprocess(256, 224, 127.5, (1.0, 1.0, 1.0), (1.0, 1.0, 1.0), "rgb", "nchw")
    assert recipe.defaults == LayerSettings(bits=8)
    assert recipe.layers["/layer1/0/conv1/Conv"] == LayerOverride(prune=0.5)
    assert list(recipe.layers) == ["/layer1/0/conv1/Conv", "re:.*classifier.*"]


def test_every_key_has_a_default_and_every_default_is_written() -> None:
    assert parse_recipe("version: 1") == Recipe()
    text = format_recipe(Recipe())
    for key in ("version", "calibration", "seed", "locked", "min_channels", "measure", "rounding", "temperature"):
        assert f"{key}:" in text


def test_the_order_of_patterns_is_kept() -> None:
    layers = {f"re:{letter}.*": LayerOverride(bits=8) for letter in "zay"}
    assert list(parse_recipe(format_recipe(Recipe(layers=layers))).layers) == list(layers)


@pytest.mark.parametrize(
    "name", ["\x85", "a\u2028 b", "\u2029", " x ", "a: b # c", "null", "1.0", "*", "é\n", "\ufeff", "😀"]
)
def test_strange_names_stay_as_they_are(name: str) -> None:
    recipe = Recipe(data=DataSettings(path=name), layers={name: LayerOverride(bits=8)})
    assert parse_recipe(format_recipe(recipe)) == recipe


def test_an_integer_rank_stays_a_rank() -> None:
    assert type(parse_recipe("defaults: {rank: 1}").defaults.rank) is int
    assert type(parse_recipe("defaults: {rank: 1.0}").defaults.rank) is float


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "A recipe is a list of keys and values"),
        ("- 1", "A recipe is a list of keys and values"),
        ("version: 2", "version must be 1"),
        ("foo: 1", "foo is no key that this program knows"),
        ("methods: {prune: {unt: 3}}", "methods.prune.unt is no key that this program knows"),
        ("layers: {/conv1: {prun: 3}}", "layers./conv1.prun is no key that this program knows"),
        ("layers: {/conv1: {prune: 1.5}}", "layers./conv1.prune must be at least 0 and below 1"),
        ("layers: {/conv1: {prune: yes}}", "layers./conv1.prune must be a number, and not true"),
        ("layers: {/conv1: {bits: 7}}", "layers./conv1.bits must be 32 or 16 or 8 or 6 or 4 or 2, and not 7"),
        ("layers: {/conv1: }", "layers./conv1 must be keys and values, and not nothing"),
        ("layers: {1: {}}", "layers.1 must be a name: put it in quotes"),
        ("layers: [1]", "layers must hold the settings of layers by name"),
        ("defaults: {prune: '0.5'}", "defaults.prune must be a number, and not '0.5'"),
        ("methods: {quantize: {activations: maybe}}", "methods.quantize.activations must be true or false or dynamic"),
        ("methods: {recover: {steps: -5}}", "methods.recover.steps must be at least 0"),
        ("seed: 2020-01-01", "seed must be a whole number, and not date"),
        ("a: [1\nb: 2", "no valid YAML in line"),
        ("x: \x00", "no valid YAML"),
        ("version: 1\nversion: 1", "The key version stands twice"),
        ("layers: {a: {bits: 8}, a: {bits: 4}}", "The key a stands twice"),
        ("a: &a [1]\nb: [*a, *a]", "refers back to itself"),
        ("seed: " + "[" * 100_000, "nests too deeply"),
        ("!!python/object/apply:os.system ['true']: 1", "could not determine a constructor"),
        ("\x1b[31m: 1", "no valid YAML"),
    ],
)
def test_says_where_it_is_wrong(text: str, sentence: str) -> None:
    with pytest.raises(InvalidRecipeError) as raised:
        parse_recipe(text)
    assert sentence in str(raised.value)
    assert "\x1b" not in str(raised.value)


def test_a_bomb_of_references_is_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x]", *(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30))]
    with pytest.raises(InvalidRecipeError, match="refers back"):
        parse_recipe("\n".join(lines))


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_any_text_is_a_recipe_or_a_sentence(text: str) -> None:
    try:
        outcome: object = parse_recipe(text)
    except InvalidRecipeError as error:
        outcome = str(error)
    assert isinstance(outcome, Recipe) or (isinstance(outcome, str) and len(outcome.splitlines()) == 1)


def test_writes_and_reads_files(tmp_path: Path) -> None:
    recipe = parse_recipe(DESIGN)
    write_recipe(recipe, tmp_path / "recipe.yaml")
    assert read_recipe(tmp_path / "recipe.yaml") == recipe


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"#" * (8 * 2**20 + 1)])
def test_refuses_files_that_are_no_recipes(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "r.yaml"
    path.write_bytes(content)
    with pytest.raises(InvalidRecipeError, match=r"^r\.yaml is "):
        read_recipe(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_does_not_wait_for_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "r.yaml")
    with pytest.raises(InvalidRecipeError, match="folder or a device"):
        read_recipe(tmp_path / "r.yaml")


def test_refuses_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidRecipeError, match="cannot be read"):
        read_recipe(tmp_path / "none.yaml")
