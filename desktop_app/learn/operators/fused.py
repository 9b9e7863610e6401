"""Operators of ONNX Runtime that stand for several of the standard."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - its name everywhere
from torch import Tensor

from desktop_app.learn.operators.arguments import optional
from desktop_app.learn.operators.base import Build, Compute, Node, Operator
from desktop_app.learn.operators.convolution import conv
from desktop_app.learn.operators.matrix import gemm
from desktop_app.learn.operators.normalisation import normalised

DOMAIN = "com.microsoft"

Activation = Callable[[Tensor], Tensor]


def _activation(node: Node, name: str, parameters: list[float]) -> Activation:
    """What a fused node applies at its end."""
    first, second = (*parameters, None, None)[:2]
    known: dict[str, Activation] = {
        "": lambda x: x,
        "Relu": torch.relu,
        "Tanh": torch.tanh,
        "Sigmoid": torch.sigmoid,
        "Gelu": F.gelu,
        "LeakyRelu": lambda x: F.leaky_relu(x, 0.01 if first is None else first),
        "HardSigmoid": lambda x: torch.clamp(
            x * (0.2 if first is None else first) + (0.5 if second is None else second), 0.0, 1.0
        ),
        "Clip": lambda x: torch.clamp(x, first, second),
    }
    if name not in known:
        raise node.refuse(f"its activation {name} is not known here")
    return known[name]


def fused_conv(node: Node) -> Compute:
    """FusedConv: a convolution, something added, an activation."""
    inner = conv(node)
    activation = _activation(node, node.attribute("activation", ""), node.attribute("activation_params", []))

    def compute(x: Tensor, weight: Tensor, bias: Tensor | None = None, added: Tensor | None = None) -> Tensor:
        found = inner(x, weight, bias)
        return activation(found if added is None else found + added)

    return compute


def fused_gemm(node: Node) -> Compute:
    """FusedGemm: Gemm and an activation."""
    inner = gemm(node)
    given = [node.attributes[name] for name in ("activation_alpha", "activation_beta") if name in node.attributes]
    activation = _activation(node, node.attribute("activation", ""), given)
    return lambda a, b, c=None: activation(inner(a, b, c))


def fused_matmul(node: Node) -> Compute:
    """FusedMatMul: a product of matrices, scaled, either transposed in its last two axes or by its batch axis."""
    alpha = node.attribute("alpha", 1.0)
    flip_a, flip_b = node.attribute("transA", 0), node.attribute("transB", 0)
    batch_a, batch_b = node.attribute("transBatchA", 0), node.attribute("transBatchB", 0)

    def compute(a: Tensor, b: Tensor) -> Tensor:
        found = _flipped(a, flip_a, batch_a) @ _flipped(b, flip_b, batch_b)
        return found if alpha == 1.0 else found * alpha

    return compute


def _flipped(x: Tensor, last: int, batch: int) -> Tensor:
    x = x.movedim(0, -2) if batch and x.dim() > 2 else x
    return x.transpose(-1, -2) if last and x.dim() > 1 else x


def fast_gelu(node: Node) -> Compute:
    """FastGelu: by tanh, after a bias."""

    def compute(x: Tensor, bias: Tensor | None = None) -> Tensor:
        return F.gelu(x if bias is None else x + bias, approximate="tanh")

    return compute


def quick_gelu(node: Node) -> Compute:
    """QuickGelu: x sigmoid(alpha x)."""
    alpha = node.attribute("alpha", 1.702)
    return lambda x: x * torch.sigmoid(alpha * x)


def bias_gelu(node: Node) -> Compute:
    """BiasGelu: exact, after a bias."""
    return lambda x, bias: F.gelu(x + bias)


def bias_softmax(node: Node) -> Compute:
    """BiasSoftmax: over all axes from `axis` on together, after a mask."""
    axis, inner = node.attribute("axis", 1), node.attribute("is_inner_broadcast", 1)
    if not inner:
        raise node.refuse("its bias is laid along an inner axis")

    def compute(x: Tensor, bias: Tensor) -> Tensor:
        whole = x + bias
        return torch.softmax(whole.flatten(axis % x.dim()), -1).reshape(whole.shape)

    return compute


def skip_layer_normalization(node: Node) -> Compute:
    """SkipLayerNormalization: of a sum, which is the fourth output."""
    epsilon = node.attribute("epsilon", 1e-12)

    def compute(
        x: Tensor, skip: Tensor, scale: Tensor, shift: Tensor | None = None, bias: Tensor | None = None
    ) -> tuple[Tensor, ...]:
        whole = x + skip if bias is None else x + skip + bias
        if node.outputs == 1 and shift is not None:
            return (F.layer_norm(whole, scale.shape, scale, shift, epsilon),)
        return *normalised(whole, -1, epsilon, scale, shift), whole

    return compute


def skip_rms_normalization(node: Node) -> Compute:
    """SkipSimplifiedLayerNormalization: the same without the mean."""
    epsilon = node.attribute("epsilon", 1e-12)

    def compute(x: Tensor, skip: Tensor, scale: Tensor, bias: Tensor | None = None) -> tuple[Any, ...]:
        whole = x + skip if bias is None else x + skip + bias
        inverse = torch.rsqrt((whole * whole).mean(-1, keepdim=True) + epsilon)
        return whole * inverse * scale, None, inverse, whole

    return compute


def embed_layer_normalization(node: Node) -> Compute:
    """EmbedLayerNormalization: words, positions and segments looked up, added and normalised; the lengths."""
    epsilon = node.attribute("epsilon", 1e-12)

    def compute(words: Tensor, segments: Tensor | None, *tables: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        word, position, segment, scale, shift, mask, places = optional(tables, 7)
        if word is None or position is None or scale is None:
            raise node.refuse("a table is missing")
        if places is None:
            places = torch.arange(words.shape[1], device=words.device)
        whole = F.embedding(words.long(), word) + F.embedding(places.long(), position)
        if segment is not None and segments is not None:
            whole = whole + F.embedding(segments.long(), segment)
        lengths = torch.zeros(len(words)) if mask is None else mask.sum(1)
        return F.layer_norm(whole, scale.shape, scale, shift, epsilon), lengths.to(torch.int32), whole

    return compute


def _plain(function: Callable[..., Any]) -> Build:
    return lambda node: function


ROWS = (
    Operator("FusedConv", fused_conv, domain=DOMAIN, weights=(1, 2)),
    Operator("FusedGemm", fused_gemm, domain=DOMAIN, weights=(1, 2)),
    Operator("FusedMatMul", fused_matmul, domain=DOMAIN, weights=(0, 1)),
    Operator("TransposeMatMul", fused_matmul, domain=DOMAIN, weights=(0, 1)),
    Operator("Gelu", _plain(F.gelu), domain=DOMAIN),
    Operator("FastGelu", fast_gelu, domain=DOMAIN, weights=(1,)),
    Operator("QuickGelu", quick_gelu, domain=DOMAIN),
    Operator("BiasGelu", bias_gelu, domain=DOMAIN, weights=(1,)),
    Operator("BiasSoftmax", bias_softmax, domain=DOMAIN),
    Operator("SkipLayerNormalization", skip_layer_normalization, domain=DOMAIN, weights=(2, 3, 4)),
    Operator("SkipSimplifiedLayerNormalization", skip_rms_normalization, domain=DOMAIN, weights=(2, 3)),
    Operator("EmbedLayerNormalization", embed_layer_normalization, domain=DOMAIN, weights=(2, 3, 4, 5, 6)),
)
