"""Which recipes can be carried out: what types alone cannot say."""

import re
from collections.abc import Iterator
from math import isfinite

from desktop_app.core.data import DataSettings, Preprocess
from desktop_app.core.errors import InvalidRecipeError
from desktop_app.core.methods import LowRankMethod, Methods, RecoverMethod
from desktop_app.core.recipe import VERSION, Recipe
from desktop_app.core.settings import BITS, LayerOverride, LayerSettings
from desktop_app.core.text import clean_name

MAX_BLOCK = 64
"""M of "N:M" at most."""

MAX_DECIBEL = 150.0
"""Of a signal-to-noise ratio that may be asked for: more is beyond what 32-bit floats hold."""

FOR_WEIGHTS = ("wanda", "sparsegpt")
FOR_CHANNELS = ("group_norm", "geometric_median", "batch_norm", "activation", "reconstruction", "taylor")

MIN_SHARED, MAX_SHARED = 4, 4096
"""Weights that may share a scale."""

CHOICE = re.compile(r"(?:(?:svd|channel|spatial|cp) [1-9]\d{0,6}|tucker2 [1-9]\d{0,6} [1-9]\d{0,6})", re.ASCII)
"""A factorisation as it is written out."""

MAX_SQNR_DB = 100
"""More than the rounding of 32-bit floats leaves."""

MAX_SECONDS = 366 * 24 * 3600.0

MAX_RATE, MAX_MIXUP = 10.0, 10.0

MAX_MULTIPLIER = 16
"""Kernels for each channel: more than the taps of a 3 x 3 kernel say nothing new."""

MAX_SEED = 2**63 - 1

Problem = tuple[str, str]
"""The path of a key, and what it must be."""


def check_recipe(recipe: Recipe) -> None:
    """Checks that every value lies in its range and that every pattern can be compiled.

    Raises:
        InvalidRecipeError: naming the path of the first key that is wrong, and what it must be.
    """
    for path, must in problems(recipe):
        raise InvalidRecipeError(f"In the recipe, {clean_name(path)} must be {must}.")


def problems(recipe: Recipe) -> Iterator[Problem]:
    """Everything that is wrong with a recipe, in the order of its keys."""
    if recipe.version != VERSION:
        yield "version", f"{VERSION}: this program does not know version {recipe.version}"
    yield from _of_data(recipe.data)
    if not 0 <= recipe.seed <= MAX_SEED:
        yield "seed", "a whole number from 0 to 2^63 - 1"
    yield from _of_settings("defaults", recipe.defaults)
    for key, override in recipe.layers.items():
        yield from _of_layer(key, override)
    yield from _of_methods(recipe.methods)


def _of_data(data: DataSettings) -> Iterator[Problem]:
    if data.calibration < 1:
        yield "data.calibration", "at least 1"
    if data.preprocess is not None:
        yield from _of_preprocess(data.preprocess)


def _of_preprocess(preprocess: Preprocess) -> Iterator[Problem]:
    sides = preprocess.crop if isinstance(preprocess.crop, tuple) else (preprocess.crop,)
    channels = 1 if preprocess.color == "gray" else 3
    if preprocess.resize is not None and preprocess.resize < 1:
        yield "data.preprocess.resize", "at least 1 pixel"
    if any(side is not None and side < 1 for side in sides):
        yield "data.preprocess.crop", "at least 1 pixel"
    if not isfinite(preprocess.scale) or preprocess.scale == 0:
        yield "data.preprocess.scale", "a finite number other than 0"
    for name, values in (("mean", preprocess.mean), ("std", preprocess.std)):
        if len(values) not in (1, channels):
            yield f"data.preprocess.{name}", f"one number for all channels or one for each of {channels}"
        if not all(isfinite(value) for value in values) or (name == "std" and 0 in values):
            yield f"data.preprocess.{name}", "finite" + (" and other than 0" if name == "std" else "")


def _of_layer(key: str, override: LayerOverride) -> Iterator[Problem]:
    if key.startswith("re:"):
        try:
            re.compile(key.removeprefix("re:"))
        except (re.error, RecursionError, OverflowError):
            yield f"layers.{key}", "a pattern that can be understood: after re: stands a regular expression"
    yield from _of_settings(f"layers.{key}", override.over(LayerSettings()))


def _of_settings(path: str, settings: LayerSettings) -> Iterator[Problem]:
    if not 0 <= settings.prune < 1:
        yield f"{path}.prune", "at least 0 and below 1"
    if isinstance(settings.rank, float) and not 0 < settings.rank <= 1:
        yield f"{path}.rank", "a whole number from 1, or a share above 0 and at most 1.0"
    if isinstance(settings.rank, int) and settings.rank < 1:
        yield f"{path}.rank", "a whole number from 1, or a share above 0 and at most 1.0"
    if settings.bits not in BITS:
        yield f"{path}.bits", f"one of {', '.join(map(str, BITS))}"


def _of_methods(methods: Methods) -> Iterator[Problem]:
    prune, block = methods.prune, methods.quantize.block
    if isinstance(methods.restructure.multiplier, int) and not 1 <= methods.restructure.multiplier <= MAX_MULTIPLIER:
        yield "methods.restructure.multiplier", f'"auto", or a whole number from 1 to {MAX_MULTIPLIER}'
    if not 0 < methods.restructure.share < 1:
        yield "methods.restructure.share", "above 0 and below 1"
    if not 0 < methods.restructure.resolution <= 1:
        yield "methods.restructure.resolution", "above 0 and at most 1.0"
    if not _is_unit(prune.unit):
        yield "methods.prune.unit", f'"channels", "weights", or "N:M" with N below M and M at most {MAX_BLOCK}'
    channels = prune.unit == "channels"
    if prune.criterion == "taylor":
        yield "methods.prune.criterion", "another than taylor: it needs gradients, which this version does not compute"
    elif prune.criterion in (FOR_WEIGHTS if channels else FOR_CHANNELS):
        units = '"weights" or "N:M"' if channels else '"channels"'
        yield "methods.prune.criterion", f'another than "{prune.criterion}", which is for the unit {units}'
    if prune.target_macs is not None and not 0 < prune.target_macs < 1:
        yield "methods.prune.target_macs", "above 0 and below 1"
    if prune.target_latency is not None and not 0 < prune.target_latency < 1:
        yield "methods.prune.target_latency", "above 0 and below 1"
    if prune.by_latency and prune.unit != "channels":
        yield "methods.prune.unit", "channels where time decides: fewer weights make no layer faster"
    if prune.round_to < 1:
        yield "methods.prune.round_to", "at least 1"
    if prune.min_channels < 1:
        yield "methods.prune.min_channels", "at least 1"
    if methods.quantize.exclude < 0:
        yield "methods.quantize.exclude", "at least 0"
    if not 0 <= methods.quantize.float_start < 1:
        yield "methods.quantize.float_start", "at least 0 and below 1"
    least = methods.quantize.min_sqnr_db
    if least is not None and not 0 < least <= MAX_DECIBEL:
        yield "methods.quantize.min_sqnr_db", f"null, or above 0 and at most {MAX_DECIBEL:g} decibel"
    if isinstance(block, int) and not MIN_SHARED <= block <= MAX_SHARED:
        yield "methods.quantize.block", f'"auto", null, or a whole number from {MIN_SHARED} to {MAX_SHARED}'
    yield from _of_low_rank(methods.low_rank)
    yield from _of_recover(methods.recover)
    if methods.recover.quantised_steps > 0 and methods.quantize.activations is not True:
        yield (
            "methods.recover.quantised_steps",
            "0 where methods.quantize.activations is not true: nothing is fixed to train on",
        )


def _of_recover(method: RecoverMethod) -> Iterator[Problem]:
    if method.steps < 0:
        yield "methods.recover.steps", "at least 0"
    if method.quantised_steps < 0:
        yield "methods.recover.quantised_steps", "at least 0"
    if method.seconds is not None and not 0 < method.seconds < MAX_SECONDS:
        yield "methods.recover.seconds", "null, or a time above 0 in seconds"
    if method.batch < 1:
        yield "methods.recover.batch", "at least 1"
    if not (isfinite(method.temperature) and method.temperature > 0):
        yield "methods.recover.temperature", "above 0"
    if method.rate is not None and not 0 < method.rate <= MAX_RATE:
        yield "methods.recover.rate", f"null, or above 0 and at most {MAX_RATE:g}"
    if not (isfinite(method.features) and method.features >= 0):
        yield "methods.recover.features", "at least 0"
    for name in ("label_weight", "warm_up", "decay"):
        if not 0 <= getattr(method, name) <= 1:
            yield f"methods.recover.{name}", "from 0 to 1"
    if not 0 <= method.average < 1:
        yield "methods.recover.average", "at least 0 and below 1"
    if not 0 <= method.mixup <= MAX_MIXUP:
        yield "methods.recover.mixup", f"from 0 to {MAX_MIXUP:g}"
    if not 0 < method.share < 1:
        yield "methods.recover.share", "above 0 and below 1: some samples must be left to evaluate"
    if method.patience is not None and method.patience < 1:
        yield "methods.recover.patience", "null, or at least 1"


def _of_low_rank(method: LowRankMethod) -> Iterator[Problem]:
    if method.target_macs is not None and not 0 < method.target_macs < 1:
        yield "methods.low_rank.target_macs", "above 0 and below 1"
    if method.target_sqnr_db is not None and not 0 < method.target_sqnr_db < MAX_SQNR_DB:
        yield "methods.low_rank.target_sqnr_db", f"above 0 and below {MAX_SQNR_DB} dB"
    if method.target_macs is not None and method.target_sqnr_db is not None:
        yield "methods.low_rank.target_sqnr_db", "null where target_macs is set: one of the two decides"
    if method.round_to < 1:
        yield "methods.low_rank.round_to", "at least 1"
    for name, choice in method.chosen.items():
        if CHOICE.fullmatch(choice) is None:
            yield f"methods.low_rank.chosen.{name}", 'a kind and its ranks, as "cp 24" or "tucker2 16 32"'


def _is_unit(unit: str) -> bool:
    """Whether a unit of pruning is known; "2:4" keeps 2 of every 4 neighbouring weights."""
    block = re.fullmatch(r"([1-9]\d?):([1-9]\d?)", unit, re.ASCII)
    if block is None:
        return unit in ("channels", "weights")
    return int(block[1]) < int(block[2]) <= MAX_BLOCK
