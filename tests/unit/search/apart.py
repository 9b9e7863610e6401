"""Choices that have no layer in common: what their values save adds up."""

from collections.abc import Sequence

import numpy as np

from desktop_app.search.damages import Damages
from desktop_app.search.layer_costs import Floats, Genes, LayerCosts


def apart(noise: Sequence[Floats], saved: Sequence[Floats], whole: Floats) -> Damages:
    """A layer for each choice.

    Args:
        noise: For each choice (values,).
        saved: For each choice (3, values).
        whole: (3, choices).
    """

    def ask(genes: Genes) -> Floats:
        return whole - np.stack([one[:, gene] for one, gene in zip(saved, genes, strict=True)], axis=1)

    return Damages(tuple(noise), LayerCosts.of(tuple(len(one) for one in noise), ask))
