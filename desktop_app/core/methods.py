"""How each technique is carried out: the choices of a recipe that hold for the whole model."""

from typing import Literal

from msgspec import Struct

from desktop_app.core.settings import ON_INTEGERS

Criterion = Literal[
    "auto",
    "l1",
    "l2",
    "group_norm",
    "geometric_median",
    "batch_norm",
    "activation",
    "reconstruction",
    "taylor",
    "wanda",
    "sparsegpt",
]

Block = int | Literal["auto"] | None
"""How many weights share a scale, see `QuantizeMethod.block`."""


class PruneMethod(Struct, frozen=True, forbid_unknown_fields=True):
    """How `LayerSettings.prune` is carried out.

    Attributes:
        unit: "channels", "weights", or "N:M" (of every M neighbouring weights N stay, where prune > 0).
        criterion: What makes a channel or weight worth keeping. Both: "l1" and "l2" norms of the weights. Channels:
            "group_norm" of all weights that make or read it, "geometric_median" the distance from the other channels'
            weights, "batch_norm" its scale, "activation" its energy on calibration data, "reconstruction" what the
            layers that read it lose without it; "taylor" needs gradients. Weights: "wanda" (weighed by the energy of
            the inputs) and "sparsegpt" (the same, step by step, and the other weights refitted). "auto" takes
            "reconstruction" where channels are pruned and refitted on real data, "sparsegpt" where weights are pruned
            on real data, else "l2".
        scope: "layer" cuts every layer by its own ratio; then the ratios are weights, and layers compete: "global" for
            the multiply-accumulates that the ratios would leave, "latency" for the time, in widths that are fast.
        target_macs: Share of the model's multiply-accumulates to keep, in (0, 1); layers compete. Channels only.
        target_latency: Share of the model's time to keep at most, as measured with both in turns, in (0, 1); layers
            compete. Beside `target_macs` both are kept. Channels only.
        reconstruct: Refit the layers that read pruned channels on calibration data, in closed form.
        round_to: Keep a multiple of so many channels.
        min_channels: Never leave fewer channels than this.
    """

    unit: str = "channels"
    criterion: Criterion = "auto"
    scope: Literal["layer", "global", "latency"] = "layer"
    target_macs: float | None = None
    target_latency: float | None = None
    reconstruct: bool = True
    round_to: int = 1
    min_channels: int = 1

    @property
    def competing(self) -> bool:
        """Whether layers compete, so that the weights decide how many channels each keeps."""
        return self.scope != "layer" or self.target_macs is not None or self.target_latency is not None

    @property
    def by_latency(self) -> bool:
        """Whether what a layer costs is its time."""
        return self.scope == "latency" or self.target_latency is not None


class RestructureMethod(Struct, frozen=True, forbid_unknown_fields=True):
    """How `LayerSettings.structure` is carried out.

    Attributes:
        multiplier: Kernels for each input channel of a separable convolution: its channel width, between the two parts.
            "auto" takes as many as `share` allows, for each layer by itself, and one at least.
        share: Share of a layer's weights and operations that what takes its place may take where its width is to be
            chosen: of separable layers with an "auto" multiplier, and of stacks without a rank.
        reconstruct: Fit every layer on what it reads in the compressed model, to what the original gives there, so that
            it makes up for the error of the layers before it; else each by itself.
        keep_faster: Leave a layer as it is where this machine would take no less time for what takes its place, by the
            table of measured times; and activations and resolution where the whole model, run in turns with and without
            them, is not faster beyond doubt. What stays is written out in the recipe of a run.
        activations: What SiLU, HardSwish and GELU become in the whole model: "hardswish" (the smooth ones), or "relu"
            (all of them).
        resolution: Share of its height and width to which the input picture is reduced inside the model; 1.0 keeps it.
    """

    multiplier: int | Literal["auto"] = 1
    share: float = 0.5
    reconstruct: bool = True
    keep_faster: bool = True
    activations: Literal["keep", "hardswish", "relu"] = "keep"
    resolution: float = 1.0


class LowRankMethod(Struct, frozen=True, forbid_unknown_fields=True):
    """How `LayerSettings.rank` is carried out.

    Attributes:
        kind: Factorisation of convolutions; matrices always take the singular value decomposition. "auto" takes the
            kind with the least error at equal cost, by layer, where the cost is what is given (a target, or `measure`
            "size"), and "channel" where a rank is, which is a rank of one kind.
        weighted: Weigh the error by the layer's inputs on calibration data instead of by the weights alone.
        reconstruct: Fit the factors on what they read in the compressed model, to what the original gives there, so
            that they make up for the error of the layers before them.
        measure: What a float rank is a share of: the full rank ("ratio"), the squared singular values ("energy"), or
            the layer's multiply-accumulates and weights ("size").
        target_macs: Share of the model's multiply-accumulates to keep, in (0, 1): ranks are chosen over all layers at
            once. Layers with a rank of their own get that; the others compete, unless they are locked.
        target_sqnr_db: Likewise, with as few multiply-accumulates as keep this signal to noise ratio at the outputs.
        round_to: Ranks that are chosen are multiples of it where the layer is wide enough: ONNX Runtime computes
            convolutions in blocks of 8 or 16 channels, and what does not fill one costs as much as what does. Matrices
            take what is left of `target_macs` by single ranks.
        keep_faster: Choose no rank that takes this machine longer than the whole layer, by the table of measured times.
        chosen: What a run has chosen, written out so that it replays to the same bytes elsewhere: layer name to kind
            and ranks, as "cp 24" or "tucker2 16 32"; layers that are not named stay whole. Empty to choose anew.
    """

    kind: Literal["auto", "channel", "spatial", "tucker2", "cp"] = "auto"
    weighted: bool = True
    reconstruct: bool = True
    measure: Literal["ratio", "energy", "size"] = "ratio"
    target_macs: float | None = None
    target_sqnr_db: float | None = None
    round_to: int = 8
    keep_faster: bool = True
    chosen: dict[str, str] = {}

    @property
    def automatic(self) -> bool:
        """Whether ranks are chosen over all layers at once."""
        return self.target_macs is not None or self.target_sqnr_db is not None


class QuantizeMethod(Struct, frozen=True, forbid_unknown_fields=True):
    """How `LayerSettings.bits` below 16 is carried out.

    Layers of 6 bits are as those of 8, but that their weights have 64 levels and share bytes in the file.

    Attributes:
        activations: True quantises activations with ranges calibrated on data; "dynamic" with ranges found at
            every inference; False leaves them float (weights only).
        scheme: "portable" is exact on every processor; "vnni" uses all of 8 bits, exact only where the processor adds
            products of bytes in 32 bits; "auto" takes what is exact on the processor at hand, and is written out as
            that in the recipe of a run, which so replays to the same bytes elsewhere.
        calibration: How activation ranges are chosen.
        rounding: How weights are rounded: each to the "nearest", or against what the layer reads on calibration data,
            so that its result changes least ("gptq"). "auto" takes that where the data is real.
        smooth: Move outliers of activations into the weights that read them, where what makes the activation has
            constants for each channel and the error on calibration data becomes smaller (SmoothQuant).
        exclude: Leave so many layers in float: those whose quantisation costs the model's outputs most.
        min_sqnr_db: Leave as many layers in float as the outputs need to keep this signal to noise on calibration data,
            first those that cost most for the time they save; null for none.
        keep_faster: Keep activations float where the processor at hand would take longer in 8 bits, conversions and
            all; which layers these are is written out as `weights_only` in the recipe of a run.
        float_start: Share of the time saved by 8 bits that may be spent on float activations in the first layers, whose
            errors pass through all others; chosen together with `keep_faster`, and not without it.
        weights_only: Layers whose activations stay float whatever `activations` says, by exact name.
        block: How many weights in a row share a scale where weights are only stored: None for all of an output.
            "auto" chooses for each layer by what its output loses, and stores small layers that lose most in more
            bits.
        matmul: Whether matrix products read weights in 4 bits as they are stored ("packed": ONNX Runtime's own
            operator, which rounds its inputs to 8 bits), or decoded when the model loads ("float": standard operators
            alone). "auto" times the model both ways on the processor at hand, and is written out as what was faster;
            as "packed" where nothing can be told apart.
        four_bits: What layers of 4 bits compute in: "float" (only weights are stored so, with a scale for each block),
            or "integer": activations in 8 bits as those of 8 bits have them, weights of 16 levels with a scale for each
            output channel. That is as fast as 8 bits; where it loses too much, `RecoverMethod.quantised_steps` train.
    """

    activations: bool | Literal["dynamic"] = True
    scheme: Literal["auto", "portable", "vnni"] = "auto"
    calibration: Literal["auto", "minmax", "percentile", "entropy", "mse"] = "auto"
    rounding: Literal["auto", "nearest", "gptq"] = "auto"
    smooth: bool = True
    exclude: int = 0
    min_sqnr_db: float | None = None
    keep_faster: bool = True
    float_start: float = 0.125
    weights_only: tuple[str, ...] = ()
    block: Block = "auto"
    matmul: Literal["auto", "packed", "float"] = "auto"
    four_bits: Literal["float", "integer"] = "float"

    @property
    def integer_bits(self) -> tuple[int, ...]:
        """Bits of the layers whose activations may be rounded with ranges known beforehand."""
        if self.activations is not True:
            return ()
        return (*ON_INTEGERS, 4) if self.four_bits == "integer" else ON_INTEGERS

    @property
    def packed_bits(self) -> tuple[int, ...]:
        """Bits of integers that have a byte each while they are computed with, and share bytes in the file."""
        return (6, *(bits for bits in self.integer_bits if bits < 6))


class RecoverMethod(Struct, frozen=True, forbid_unknown_fields=True):
    """How accuracy is trained back: the compressed model is the student of the original (Hinton et al. 2015).

    Attributes:
        steps: Batches to train on at most; 0 does not train.
        quantised_steps: Batches to train on once weights and activations are rounded, the rounding included
            (quantisation-aware training); 0 does not. The other keys hold for it too, but for `normalise`.
        seconds: Time to train at most; null for none. Training is planned for it where it is shorter than the steps;
            how far it gets depends on the machine, so that such a run does not replay to the same bytes.
        batch: Samples of a batch.
        labels: Whether labels teach beside the original, where the data has them.
        label_weight: How much labels count, in [0, 1]; the original counts for the rest.
        temperature: What scores are divided by before they are compared: above 1 the unlikely classes count more.
        features: How much the values behind layers count that both models compute in the same shape, relative to the
            outputs; 0 compares outputs only.
        optimizer: "adamw" (Loshchilov and Hutter 2019) or "sgd" (with Nesterov's momentum).
        rate: The highest learning rate, reached after the warm-up and lowered to 0 along a cosine; null takes what is
            usual for the optimiser, less for a short training.
        warm_up: Share of the steps in which the rate rises.
        decay: Weight decay, of matrices and kernels only.
        normalise: Put batch normalisation back behind convolutions for the training, and fold it in again afterwards.
        average: Share of the averaged weights that stays at each step; 0 averages nothing.
        augment: Change the inputs at random: images are shifted and flipped, other data gets a little noise.
        mixup: Strength of mixing pairs of samples (Zhang et al. 2018); 0 mixes nothing.
        share: Share of the samples, beyond those that calibrate, that train; the others evaluate.
        blocks: Train block by block, each to give what the original has there, where the memory for all of them at once
            is short; labels and features then teach the last block alone.
        patience: Stop after so many judgements on held-out samples without progress; null never does.
        precision: "single" multiplies in single precision; "auto" takes bfloat16 for products of matrices and
            convolutions where the processor is several times faster so and the scores stay nearly the same.
        teacher: A model file that teaches in place of the original, with the same inputs and outputs: the opened model
            is then a student of it, and what is told of fidelity compares with it.
    """

    steps: int = 0
    quantised_steps: int = 0
    seconds: float | None = None
    batch: int = 128
    labels: bool = False
    label_weight: float = 0.5
    temperature: float = 4.0
    features: float = 0.0
    optimizer: Literal["adamw", "sgd"] = "adamw"
    rate: float | None = None
    warm_up: float = 0.05
    decay: float = 1e-4
    normalise: bool = True
    average: float = 0.0
    augment: bool = True
    mixup: float = 0.0
    share: float = 0.8
    blocks: bool = False
    patience: int | None = None
    precision: Literal["auto", "single"] = "auto"
    teacher: str | None = None


class Methods(Struct, frozen=True, forbid_unknown_fields=True):
    """The choices that hold for the whole model."""

    restructure: RestructureMethod = RestructureMethod()
    prune: PruneMethod = PruneMethod()
    low_rank: LowRankMethod = LowRankMethod()
    quantize: QuantizeMethod = QuantizeMethod()
    recover: RecoverMethod = RecoverMethod()
