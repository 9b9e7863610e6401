"""The folder of a search, whose process is killed while it replaces what is there."""

import subprocess
import sys
import time
from pathlib import Path

from desktop_app.io.onnx_reader import read_model
from desktop_app.io.recipes import read_recipe

PROGRAM = """
import sys
from itertools import count
from pathlib import Path

from desktop_app.core.measuring import Measuring
from desktop_app.core.recipe import Recipe
from desktop_app.io.snapshot import Snapshot
from desktop_app.jobs.best_so_far import BestSoFar
from desktop_app.jobs.opened import OpenedModel
from tests.contracts.small_nets import residual

model = residual()
snapshot = Snapshot(Path("m.onnx"), Path("m.onnx"), "sha", 1, ())
left = BestSoFar(OpenedModel(model, snapshot), Path(sys.argv[1]), Measuring(1))
for seed in count():
    left.candidate(model, Recipe(seed=seed))
    print(seed, flush=True)
"""


def test_model_and_recipe_are_whole_at_any_moment(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    for moment in range(3):
        process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(folder)], stdout=subprocess.PIPE, text=True)
        with process:
            for _ in range(3 + moment):
                process.stdout.readline()
            time.sleep(0.002 * moment)
            process.kill()
        assert read_model(folder / "model.onnx").layers
        assert read_recipe(folder / "recipe.yaml").seed >= 2
