"""The same for this project: carries out a recipe, called as the peers are, and measured as they are.

It runs the pipeline without the measuring and reporting that `compression-studio compress` does as well.
"""

from pathlib import Path

from adapter import asked, tell
from msgspec.structs import replace

from desktop_app.core.progress import SilentToken
from desktop_app.io.onnx_reader import read_model
from desktop_app.io.recipes import read_recipe
from desktop_app.pipeline import CalibrationSamples, Pipeline
from desktop_app.run import BATCH
from desktop_app.steps.int8.scheme import settled


def main() -> None:
    task = asked(__doc__)
    recipe = read_recipe(Path(task.setting))
    recipe = replace(recipe, methods=replace(recipe.methods, quantize=settled(recipe.methods.quantize)))
    samples = CalibrationSamples(lambda: task.batches(BATCH), len(task.paths), synthetic=False, key=str(task.samples))
    model = read_model(task.model)
    for step in Pipeline().run(model, str(task.model), recipe, samples, SilentToken()):
        model = step.result.model
    task.output.write_bytes(model.to_bytes())
    tell()


if __name__ == "__main__":
    main()
