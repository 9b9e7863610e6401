"""What is known of an opened model without its weights: small enough to send to the window."""

from msgspec import Struct

from desktop_app.core.layer import ChannelGroup, Layer
from desktop_app.core.outcome import Cost


class TensorSpec(Struct, frozen=True):
    """An input or output of a model. A dimension is its size, its symbol, or None."""

    name: str
    dtype: str
    shape: tuple[int | str | None, ...] | None


class ModelSummary(Struct, frozen=True):
    """The layer table of a model and what surrounds it.

    Attributes:
        name: File name without its folder.
        path: Where the user opened it.
        sha256: Of the model file.
        bytes: Size of the model file and its external data.
        overhead_bytes: The part of `bytes` that no layer owns.
        nodes: Number of nodes, those of subgraphs included.
        cost: Sum over the layers, with `bytes` as above.
        opset: Of the standard domain.
        producer: Exporter and version, as the file says.
        inputs: The model's inputs (initializers excluded).
        outputs: The model's outputs.
        layers: In execution order.
        groups: Channel groups; `id` is the position.
        runnable: Why ONNX Runtime will not run the model; empty where it does or was not tried.
        warnings: What the user should know (assumed dimensions, weights that are not finite ...), a sentence each.
    """

    name: str
    path: str
    sha256: str
    bytes: int
    overhead_bytes: int
    nodes: int
    cost: Cost
    opset: int
    producer: str
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    layers: tuple[Layer, ...]
    groups: tuple[ChannelGroup, ...]
    runnable: str = ""
    warnings: tuple[str, ...] = ()


class LayerCurve(Struct, frozen=True, gc=False):
    """How the time of a layer's kernel depends on its widths and bits, measured in microseconds.

    Attributes:
        outputs: (output channels, time) with all inputs, by rising channels; the last is the whole layer.
        inputs: (input channels of a group, time) with all outputs, likewise.
        odd: What widths that fit no block of channels cost: time with one channel less over that of the whole layer,
            of outputs, of inputs and of both; 1 where it does not matter.
        int8_outputs: As `outputs`, in 8 bits.
        int8_inputs: As `inputs`, in 8 bits.
        int8_odd: As `odd`, in 8 bits.
        second: (channels between, time) of the second part where the layer is factorised: from these to all outputs
            at each place; empty where the layer is no convolution of one group.
        int8_second: As `second`, in 8 bits.
        changeover: What it takes in front of the layer to go over from floats to 8 bits, and back.
    """

    outputs: tuple[tuple[int, float], ...]
    inputs: tuple[tuple[int, float], ...] = ()
    odd: tuple[float, float, float] = (1.0, 1.0, 1.0)
    int8_outputs: tuple[tuple[int, float], ...] = ()
    int8_inputs: tuple[tuple[int, float], ...] = ()
    int8_odd: tuple[float, float, float] = (1.0, 1.0, 1.0)
    second: tuple[tuple[int, float], ...] = ()
    int8_second: tuple[tuple[int, float], ...] = ()
    changeover: tuple[float, float] = (0.0, 0.0)


class LayerProfile(Struct, frozen=True):
    """Measured time per layer. `milliseconds` maps a layer's name to its time for one sample.

    Attributes:
        total_ms: Median latency of the whole model.
        milliseconds: Layer name to time; sums to `total_ms` less what no layer owns.
        threads: Threads used inside an operator.
        curves: Layer name to what its kernel takes at other widths and bits, for the layers that matter.
        realised: Share of the time that layers save by prediction that a whole model was measured to save.
    """

    total_ms: float
    milliseconds: dict[str, float]
    threads: int
    curves: dict[str, LayerCurve] = {}
    realised: float = 1.0
