"""What tests of several steps ask of a model: its outputs, its cost, and what was predicted of that."""

from collections import Counter

import numpy as np

from desktop_app.core.changed_cost import FACTOR_NODES_BYTES
from desktop_app.core.outcome import Cost
from desktop_app.core.predict import predict
from desktop_app.core.recipe import Recipe
from desktop_app.core.summary import ModelSummary
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from desktop_app.inspection import with_refusals


def run(model: Model, x: np.ndarray) -> np.ndarray:
    return open_session(model).run(None, {"x": x})[0]


def cost(model: Model) -> Cost:
    """Of the layers, and of what the nodes of a layer in several parts take in the file, about."""
    parts = Counter(layer.origin or layer.name for layer in model.layers)
    nodes = FACTOR_NODES_BYTES * sum(count > 1 for count in parts.values())
    return sum((Cost(one.bytes, one.params, one.macs) for one in model.layers), Cost(bytes=nodes))


def predicted(model: Model, asked: Recipe) -> Cost:
    groups, layers = model.channels.groups, with_refusals(model)
    return predict(ModelSummary("", "", "", 0, 0, 1, Cost(), 17, "", (), (), layers, groups), asked).cost
