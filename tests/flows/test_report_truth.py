"""Every figure of a report is what an independent evaluation of the exported file gives; techniques work together."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml

from desktop_app.core.measuring import Measuring
from desktop_app.core.progress import SilentToken
from desktop_app.core.resources import resource
from desktop_app.io.recipes import parse_recipe
from desktop_app.jobs.messages import OpenModel, RunRecipe
from desktop_app.jobs.tasks import open_model, run_recipe
from tests.flows import independent

TOGETHER = """
version: 1
data: {{path: "{data}", calibration: {calibration}}}
defaults: {{prune: 0.25, rank: 0.5, bits: 8}}
methods:
  prune: {{unit: channels, round_to: 8}}
  quantize: {{activations: {activations}, keep_faster: false}}
"""


@pytest.fixture
def compress(tmp_path: Path) -> Callable[[Path, str], Path]:
    """Carries out a recipe on a model, as the worker does; gives the folder of the run."""

    def run(model: Path, recipe: str) -> Path:
        token = SilentToken()
        opened = open_model.run(OpenModel(str(model)), token)
        run_recipe.run(
            RunRecipe(opened.snapshot, parse_recipe(recipe), str(tmp_path / "out"), Measuring(1, 0.05)), token
        )
        return tmp_path / "out"

    return run


@pytest.fixture(scope="module")
def few_digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixteen images of each class of the bundled sample."""
    return few_of(resource("sample/digits"), tmp_path_factory.mktemp("digits"), 16)


def few_of(source: Path, folder: Path, each: int) -> Path:
    """The first images of every class folder."""
    for images in sorted(source.iterdir()):
        (folder / images.name).mkdir(parents=True)
        for image in sorted(images.iterdir())[:each]:
            (folder / images.name / image.name).write_bytes(image.read_bytes())
    return folder


def second_opinion(original: Path, folder: Path, data: Path) -> independent.Opinion:
    """From the recipe that the run left: its preprocessing, and the samples that did not calibrate."""
    recipe = yaml.safe_load((folder / "recipe.yaml").read_text())
    preprocess = recipe["data"]["preprocess"]
    files, labels = independent.read_folder(data, (), (), "")
    order = np.random.default_rng(recipe["seed"]).permutation(len(files))[recipe["data"]["calibration"] :]
    mode = {"gray": "L", "rgb": "RGB"}[preprocess["color"]]
    images = np.stack(
        [
            independent.pixels(files[one], mode, 32, preprocess["scale"], preprocess["mean"], preprocess["std"])
            for one in order
        ]
    )
    return independent.evaluate(original, folder / "model.onnx", images, np.array(labels)[order])


def check(report: dict, folder: Path, original: Path, found: independent.Opinion) -> None:
    """Compares figure by figure. Sums in another order differ in the last digits only."""
    compressed = report["compressed"]
    assert compressed["bytes"] == (folder / "model.onnx").stat().st_size
    assert report["original"]["bytes"] == original.stat().st_size
    assert compressed["params"] == independent.parameters(folder / "model.onnx")
    assert compressed["fidelity"]["sqnr_db"] == pytest.approx(found.sqnr_db, abs=0.02)
    assert compressed["fidelity"]["cosine"] == pytest.approx(found.cosine, abs=1e-5)
    assert compressed["fidelity"]["top1_agreement"] == pytest.approx(found.agreement, abs=1e-9)
    assert compressed["accuracy"] == pytest.approx(found.accuracy, abs=1e-9)
    assert report["original"]["accuracy"] == pytest.approx(found.original_accuracy, abs=1e-9)


@pytest.mark.parametrize("activations", ["true", "false"])
def test_prune_rank_and_bits_together_on_the_sample(
    compress: Callable[..., Path], few_digits: Path, activations: str
) -> None:
    original, data = resource("sample/digits.onnx"), few_digits
    folder = compress(original, TOGETHER.format(data=data, calibration=60, activations=activations))
    report = json.loads((folder / "report.json").read_text())
    steps = {step["step"]: step for step in report["steps"]}
    quantised = "quantize_static" if activations == "true" else "quantize_weights"
    assert {"prune_channels", "low_rank", quantised} <= steps.keys()
    assert all(steps[name]["changed"] > 0 for name in ("prune_channels", "low_rank", quantised))
    assert report["steps"][-1]["bytes"] == report["compressed"]["bytes"]
    assert report["steps"][-1]["macs"] == report["compressed"]["macs"] < 0.7 * report["original"]["macs"]
    assert steps["prune_channels"]["params"] > steps["low_rank"]["params"]
    assert steps["low_rank"]["bytes"] > 2 * steps[quantised]["bytes"]
    check(report, folder, original, second_opinion(original, folder, data))


def test_prune_rank_and_bits_on_one_layer(compress: Callable[..., Path], few_digits: Path) -> None:
    original, data = resource("sample/digits.onnx"), few_digits
    recipe = f"""
version: 1
data: {{path: "{data}", calibration: 60}}
layers:
  "re:.*stage3.*conv1.*": {{prune: 0.25, rank: 0.4, bits: 8}}
methods: {{quantize: {{keep_faster: false}}}}
"""
    folder = compress(original, recipe)
    report = json.loads((folder / "report.json").read_text())
    touched = {one["layer"] for one in report["layers"] if one["changed"] and one["step"] != "clean"}
    by_step = {one["step"] for one in report["layers"] if one["changed"]}
    assert {"prune_channels", "low_rank", "quantize_static"} <= by_step
    assert touched
    assert all("stage3" in name for name in touched)
    check(report, folder, original, second_opinion(original, folder, data))


@pytest.mark.corpus
@pytest.mark.parametrize("name", ["resnet20_cifar10"])
def test_prune_rank_and_bits_together_on_a_real_model(
    compress: Callable[..., Path], shared_data: Path, tmp_path: Path, name: str
) -> None:
    original = shared_data / "models" / f"{name}.onnx"
    data = few_of(shared_data / "cifar10" / "val", tmp_path / "data", 30)
    folder = compress(original, TOGETHER.format(data=data, calibration=100, activations="true"))
    report = json.loads((folder / "report.json").read_text())
    assert report["compressed"]["accuracy"] > 0.2
    check(report, folder, original, second_opinion(original, folder, data))
