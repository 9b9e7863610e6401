"""Which channels are worth keeping."""

import numpy as np

from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Methods, PruneMethod, Recipe
from desktop_app.core.resources import resource
from desktop_app.core.settings import LayerOverride
from desktop_app.inspection import NO_DATA
from desktop_app.io.onnx_reader import read_model
from desktop_app.steps.clean import Clean
from desktop_app.steps.prune_channels import PruneChannels

LAYER = "stage1.conv1/Conv"


def test_the_scale_of_folded_batch_normalisation_judges_channels() -> None:
    opened = read_model(resource("sample/digits.onnx"))
    (norm,) = (use.node for use in opened.node(LAYER).outputs[0].uses())
    scale = np.abs(opened.constant(norm.inputs[1].name))
    method = PruneMethod(criterion="batch_norm", reconstruct=False)
    recipe = Recipe(layers={LAYER: LayerOverride(prune=0.5)}, methods=Methods(prune=method))
    cleaned = Clean().apply(opened, recipe, NO_DATA, SilentToken()).model
    result = PruneChannels().apply(cleaned, recipe, NO_DATA, SilentToken())
    weight = cleaned.layer(LAYER).weight
    kept = np.sort(np.argsort(-scale, kind="stable")[: len(scale) // 2])
    np.testing.assert_array_equal(result.model.constant(weight), cleaned.constant(weight)[kept])
    assert not result.notes
    assert b"norm_scale" not in cleaned.to_bytes()
