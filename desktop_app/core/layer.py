"""One row of the layer table, and the channel groups that tie rows together."""

from collections.abc import Mapping

from msgspec import Struct

from desktop_app.core.outcome import Cost


class Span(Struct, frozen=True, gc=False):
    """A run of an axis that belongs to one channel group.

    Attributes:
        group: The id of the `ChannelGroup`.
        channels: How many of the group's channels lie in this run.
        repeat: How many elements of the axis stand for one channel (above 1 behind a Flatten).
    """

    group: int
    channels: int
    repeat: int = 1


class Axis(Struct, frozen=True, gc=False):
    """One axis of a weight: its size, and the channel groups by which it can be cut."""

    size: int
    spans: tuple[Span, ...] = ()

    def kept(self, kept: Mapping[int, int], groups: Mapping[int, int]) -> int:
        """Size of the axis after a cut.

        Args:
            kept: Group id to the number of channels that stay; groups not named stay whole.
            groups: Group id to its number of channels.
        """
        size = self.size
        for span in self.spans:
            if span.group in kept:
                removed = groups[span.group] - kept[span.group]
                size -= removed * span.channels // groups[span.group] * span.repeat
        return size


class Beside(Struct, frozen=True, gc=False):
    """A constant of a row that is not cut just as the outputs of the row's weight are.

    Normalisation of channels that several layers make is; so is the recurrent weight of an LSTM.

    Attributes:
        elements: How many it has.
        axes: Those of its axes by which it can be cut.
    """

    elements: int
    axes: tuple[Axis, ...]

    def removed(self, kept: Mapping[int, int], groups: Mapping[int, int]) -> int:
        """Elements that go in a cut, see `Axis.kept`."""
        left = self.elements
        for axis in self.axes:
            left = left * axis.kept(kept, groups) // axis.size
        return self.elements - left


class ChannelGroup(Struct, frozen=True, gc=False):
    """Channels of several tensors that must be cut together.

    Attributes:
        id: Position in the model's group table.
        channels: How many channels the group has.
        producers: Layers whose outputs these channels are (their settings decide the cut).
        consumers: Layers that read these channels.
        refusal: Why the group cannot be cut; empty where it can.
    """

    id: int
    channels: int
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    refusal: str = ""


class Layer(Struct, frozen=True, gc=False):
    """A node that owns weights, with what surrounds it fused into its row.

    Attributes:
        name: The node's name, made unique.
        op_type: The operator, with its domain where it is not the standard one.
        scope: The path of modules the layer lies in, outermost first.
        weight_shape: As stored.
        output_shape: Of the first output; -1 stands for a dimension that is not known.
        input_shape: Of the input that meets the weight; empty or -1 where it is not known.
        params: Elements of all constants of the row: weight, bias, folded normalisation.
        macs: Multiply-accumulates for one sample.
        beside: The row's constants that are cut in another way than its outputs.
        gates: Rows of the weight for each hidden unit of a recurrent layer, whose units are read by the next step; 0
            for other layers.
        beside_macs: Those of `macs` that the other nodes of the row have: products of activations, as in attention.
        bytes: What the row's constants occupy as stored.
        origin: The layer of the opened model from which a step made this one; equal to `name` if none did.
        weight: Name of the weight initializer.
        nodes: Names of all nodes whose time is counted to this row.
        output: The weight's axis of output channels.
        input: The weight's axis of input channels (per convolution group).
        per_channel: Elements of the row's constants that go with each output channel (bias, normalisation).
        bits: Bits in which the weight is stored now.
        kernel: Spatial extents of the kernel; empty where there is none.
        strides: By how much a kernel moves along each spatial axis; empty where there is none, or where it is not said.
        dilations: Likewise the distance of its taps.
        convolution_groups: `group` of a convolution; 1 elsewhere.
        refusals: Knob to the reason why this layer cannot take it.
        cleaned: Its cost once normalisation is folded and constants are computed, which every run does first; None
            where that changes nothing. `output`, `input`, `per_channel`, `beside` and `refusals` are then those of the
            cleaned layer, since that is what is cut.
    """

    name: str
    op_type: str
    scope: tuple[str, ...]
    weight_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    params: int
    macs: int
    bytes: int
    origin: str = ""
    weight: str = ""
    nodes: tuple[str, ...] = ()
    output: Axis = Axis(1)
    input: Axis = Axis(1)
    per_channel: int = 0
    bits: int = 32
    kernel: tuple[int, ...] = ()
    input_shape: tuple[int, ...] = ()
    convolution_groups: int = 1
    refusals: dict[str, str] = {}
    cleaned: Cost | None = None
    beside_macs: int = 0
    beside: tuple[Beside, ...] = ()
    gates: int = 0
    strides: tuple[int, ...] = ()
    dilations: tuple[int, ...] = ()

    def macs_left(self, output: int, inputs: int) -> tuple[int, int]:
        """Multiply-accumulates of the layer itself and of what is beside it, with so many channels left."""
        read, read_left = self.input.size, inputs
        if self.gates:
            read, read_left = read + self.output.size // self.gates, inputs + output // self.gates
        whole = max(self.output.size * read, 1)  # some weights are empty
        own = (self.macs - self.beside_macs) * output * read_left // whole
        return own, self.beside_macs * output // max(self.output.size, 1)
