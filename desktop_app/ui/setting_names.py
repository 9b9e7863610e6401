"""What the user calls the keys of a recipe outside of its layers, and their values: as the dialogs do, and in rows."""

from collections.abc import Iterator, Mapping, Sequence

from desktop_app.core.language import current
from desktop_app.core.text import clean_name
from desktop_app.ui import format as fmt
from desktop_app.ui.dialogs import recover, rewrite
from desktop_app.ui.dialogs.method_form import Field
from desktop_app.ui.text import Words, tr

GROUPS: Mapping[str, Words] = {
    "data.preprocess": "Preprocessing",
    "data": "Data",
    "methods.restructure": "Rewrite",
    "methods.prune": "Prune",
    "methods.low_rank": "Low rank",
    "methods.quantize": "Quantise",
    "methods.recover": "Recover accuracy",
}
"""Keys begin with these; the longer ones stand first."""

TITLES: Mapping[str, Words] = {
    "seed": "Seed",
    "data.path": "Samples",
    "data.labels": "Labels",
    "data.calibration": "Calibrate with",
    "data.preprocess": "How images become inputs",
    "data.preprocess.resize": "Resize short side to",
    "data.preprocess.crop": "Crop",
    "data.preprocess.scale": "Divide pixels by",
    "data.preprocess.mean": "Subtract mean",
    "data.preprocess.std": "Divide by std",
    "data.preprocess.color": "Colour order",
    "data.preprocess.layout": "Layout",
    "methods.prune.unit": "What is cut",
    "methods.prune.criterion": "What is worth keeping",
    "methods.prune.scope": "How layers share the cut",
    "methods.prune.target_macs": "MACs to keep",
    "methods.prune.target_latency": "Time to keep at most",
    "methods.prune.reconstruct": "Refit the layers that read what is cut",
    "methods.prune.round_to": "Channels in multiples of",
    "methods.prune.min_channels": "Channels that stay at least",
    "methods.low_rank.kind": "How convolutions are taken apart",
    "methods.low_rank.weighted": "Weigh errors by what the layer reads",
    "methods.low_rank.reconstruct": "Make up for the layers before",
    "methods.low_rank.measure": "What a rank is a share of",
    "methods.low_rank.target_macs": "MACs to keep",
    "methods.low_rank.target_sqnr_db": "Signal to noise to keep, dB",
    "methods.low_rank.round_to": "Ranks in multiples of",
    "methods.low_rank.keep_faster": "Keep only what is faster",
    "methods.low_rank.chosen": "Chosen by the run",
    "methods.quantize.activations": "Activations in 8 bits",
    "methods.quantize.scheme": "Arithmetic",
    "methods.quantize.calibration": "How ranges are chosen",
    "methods.quantize.rounding": "How weights are rounded",
    "methods.quantize.smooth": "Smooth outliers of activations",
    "methods.quantize.exclude": "Layers to leave in float",
    "methods.quantize.min_sqnr_db": "Signal to noise to keep, dB",
    "methods.quantize.keep_faster": "Keep only what is faster",
    "methods.quantize.float_start": "Time spent on first layers in float",
    "methods.quantize.weights_only": "Layers with float activations",
    "methods.quantize.block": "Weights that share a scale",
    "methods.quantize.matmul": "Matrix products of 4 bits",
    "methods.quantize.four_bits": "Layers of 4 bits compute in",
}

VALUES: Mapping[str, Words] = {
    "auto": "automatic",
    "prune.unit=channels": "channels",
    "prune.unit=weights": "weights",
    "prune.criterion=l1": "L1 norm",
    "prune.criterion=l2": "L2 norm",
    "prune.criterion=group_norm": "norm of all that make or read it",
    "prune.criterion=geometric_median": "distance from the other channels",
    "prune.criterion=batch_norm": "scale of its normalisation",
    "prune.criterion=activation": "energy on samples",
    "prune.criterion=reconstruction": "what the next layers lose without it",
    "prune.criterion=taylor": "gradients (Taylor)",
    "prune.criterion=wanda": "Wanda",
    "prune.criterion=sparsegpt": "SparseGPT",
    "prune.scope=layer": "each its own",
    "prune.scope=global": "by MACs, over all layers",
    "prune.scope=latency": "by time, over all layers",
    "low_rank.kind=channel": "by channels",
    "low_rank.kind=spatial": "by height and width",
    "low_rank.kind=tucker2": "Tucker-2",
    "low_rank.kind=cp": "CP",
    "low_rank.measure=ratio": "the full rank",
    "low_rank.measure=energy": "the energy",
    "low_rank.measure=size": "the layer's MACs and weights",
    "quantize.activations=dynamic": "at every inference",
    "quantize.scheme=portable": "exact on every processor",
    "quantize.scheme=vnni": "for processors with VNNI",
    "quantize.calibration=minmax": "least and greatest value",
    "quantize.calibration=percentile": "without rare values",
    "quantize.calibration=entropy": "by entropy",
    "quantize.calibration=mse": "by squared error",
    "quantize.rounding=nearest": "to the nearest",
    "quantize.rounding=gptq": "against what the layer reads (GPTQ)",
    "quantize.matmul=packed": "as they are stored",
    "quantize.matmul=float": "decoded when the model loads",
    "quantize.four_bits=float": "float",
    "quantize.four_bits=integer": "integers",
}
"""The last two parts of a key and its value, or a value alone."""

SHARES = frozenset(
    (
        *("methods.prune.target_macs", "methods.prune.target_latency", "methods.low_rank.target_macs"),
        *("methods.quantize.float_start", "methods.restructure.share", "methods.restructure.resolution"),
        *("methods.recover.share", "methods.recover.warm_up"),
    )
)
"""Told in per cent."""

FIELDS: Mapping[str, Sequence[Field]] = {
    "methods.restructure": (*rewrite.LAYERS, *rewrite.WHOLE, *rewrite.SPEED),
    "methods.recover": (*recover.MAIN, *recover.DETAILS),
}


def setting_title(key: str) -> str:
    """What the user calls a key, such as "methods.prune.scope"; one that nobody has named is told as it is."""
    title = _title(key)
    if title is None:  # below a key that has a name: what a run has chosen for a layer
        above = next((one for one in _above(key) if one in TITLES), "")
        rest = clean_name(key.removeprefix(f"{above}."))
        title = f"{tr(TITLES[above])}{current().colon}{rest}" if above else rest
    group = next((one for one in GROUPS if key.startswith(f"{one}.")), None)
    return title if group is None else f"{tr(GROUPS[group])}{current().colon}{title}"


def value_text(key: str, value: object) -> str:
    """A value in words."""
    if value is None or (isinstance(value, list | tuple | dict) and not value):
        return fmt.UNKNOWN
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    if isinstance(value, list | tuple):
        return clean_name(", ".join(map(str, value)))
    if isinstance(value, float) and key in SHARES:
        return fmt.percent(value, 0 if round(100 * value, 6) % 1 == 0 else 1)
    if isinstance(value, str):
        return _word(key, value)
    return clean_name(f"{value:g}" if isinstance(value, float) else str(value))


def _title(key: str) -> str | None:
    if key in TITLES:
        return tr(TITLES[key])
    field = _field(key)
    return None if field is None else tr(field.title)


def _word(key: str, value: str) -> str:
    field = _field(key)
    if field is not None and value in field.choices:
        return tr(dict(zip(field.choices, field.titles or field.choices, strict=True))[value])
    words = VALUES.get(f"{'.'.join(key.split('.')[-2:])}={value}", VALUES.get(value))
    return clean_name(value) if words is None else tr(words)


def _field(key: str) -> Field | None:
    group, _, last = key.rpartition(".")
    return next((one for one in FIELDS.get(group, ()) if one.key == last), None)


def _above(key: str) -> Iterator[str]:
    """The keys that a key is in, the nearest first: names of layers may have dots themselves."""
    while "." in key:
        key = key.rpartition(".")[0]
        yield key
