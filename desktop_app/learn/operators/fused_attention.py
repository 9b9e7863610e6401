"""The attention operators of ONNX Runtime, in their forms for single heads of the same size."""

import torch
from torch import Tensor

from desktop_app.learn.operators.arguments import optional
from desktop_app.learn.operators.attention import future, in_heads, merged
from desktop_app.learn.operators.base import Compute, Node, Operator
from desktop_app.learn.operators.fused import DOMAIN


def attention(node: Node) -> Compute:
    """Attention: queries, keys and values are one product of the input; the second output is keys and values."""
    heads, causal = node.attribute("num_heads", 1), node.attribute("unidirectional", 0)
    sizes, fixed = node.attributes.get("qkv_hidden_sizes"), node.attributes.get("scale")
    hidden_value = node.attribute("mask_filter_value", -10000.0)
    if node.attribute("do_rotary", 0) or node.attribute("past_present_share_buffer", 0):
        raise node.refuse("it turns its features or shares a buffer with the past")

    def compute(
        x: Tensor,
        weight: Tensor,
        bias: Tensor | None = None,
        mask: Tensor | None = None,
        past: Tensor | None = None,
        added: Tensor | None = None,
        *rest: Tensor | None,
    ) -> tuple[Tensor, Tensor]:
        whole = x @ weight if bias is None else x @ weight + bias
        q, k, v = (in_heads(one, heads) for one in torch.split(whole, sizes or whole.shape[-1] // 3, -1))
        if past is not None:
            k, v = torch.cat((past[0], k), 2), torch.cat((past[1], v), 2)
        bias_of_scores = _masked(node, mask, q, k, hidden_value)
        found = attended(q, k, v, (bias_of_scores, added), fixed, bool(causal))
        # the present is defined only where keys and values have the same size
        return merged(found), torch.stack((k, v)) if k.shape == v.shape else k

    return compute


def multi_head_attention(node: Node) -> Compute:
    """MultiHeadAttention: queries, keys and values given apart, or packed in one input; biases and a past."""
    heads, causal, fixed = (
        node.attribute("num_heads", 1),
        node.attribute("unidirectional", 0),
        node.attribute("scale", 0.0),
    )
    hidden_value = node.attribute("mask_filter_value", -10000.0)

    def compute(query: Tensor, *rest: Tensor | None) -> tuple[Tensor, ...]:
        key, value, bias, mask, added, past_k, past_v = optional(rest, 7)
        q, k, v = _unpacked(node, query, key, value, bias, heads)
        if past_k is not None and past_v is not None:
            k, v = torch.cat((past_k, k), 2), torch.cat((past_v, v), 2)
        found = attended(q, k, v, (_masked(node, mask, q, k, hidden_value), added), fixed or None, bool(causal))
        return merged(found), k, v

    return compute


def _unpacked(
    node: Node, query: Tensor, key: Tensor | None, value: Tensor | None, bias: Tensor | None, heads: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Queries, keys and values as [batch, heads, steps, size], from the ways in which they may be given."""
    if query.dim() == 5:  # [batch, steps, heads, 3, size]
        q, k, v = (one.transpose(1, 2) for one in query.unbind(3))
        biases = None if bias is None else bias.reshape(3, heads, 1, -1)
        return (q, k, v) if biases is None else (q + biases[0], k + biases[1], v + biases[2])
    width = query.shape[-1]
    if bias is not None:
        query = query + bias[:width]
    if key is not None and key.dim() == 5:  # [batch, steps, heads, 2, size]
        k, v = (one.transpose(1, 2) for one in key.unbind(3))
        return in_heads(query, heads), k, v
    if key is None or value is None:
        raise node.refuse("keys or values are missing")
    if key.dim() == 4:  # of another sequence, in heads already
        return in_heads(query, heads), key, value
    if bias is not None:
        key, value = key + bias[width : 2 * width], value + bias[2 * width :]
    return in_heads(query, heads), in_heads(key, heads), in_heads(value, heads)


def _masked(node: Node, mask: Tensor | None, q: Tensor, k: Tensor, value: float) -> Tensor | None:
    """What the mask adds to the scores, from the forms that it may have."""
    if mask is None:
        return None
    batch, total = q.shape[0], k.shape[2]
    if mask.dim() == 1:
        steps = torch.arange(total, device=q.device)
        if mask.shape[0] == batch:  # how long each sample is
            seen = steps < mask.reshape(-1, 1)
        elif mask.shape[0] == 2 * batch:  # ends, then starts
            seen = (steps < mask[:batch].reshape(-1, 1)) & (steps >= mask[batch:].reshape(-1, 1))
        else:
            raise node.refuse("its mask has a form that is not known here")
        seen = seen.reshape(batch, 1, 1, total)
    else:
        if mask.dim() == 4:
            raise node.refuse("its mask has a form that is not known here")
        seen = mask.bool().reshape(mask.shape[0], 1, -1, mask.shape[-1])
    return torch.zeros(seen.shape, dtype=q.dtype, device=q.device).masked_fill(~seen, value)


def attended(
    q: Tensor, k: Tensor, v: Tensor, biases: tuple[Tensor | None, ...], scale: float | None, causal: bool
) -> Tensor:
    """softmax(Q K^T scale + biases) V."""
    scores = q @ k.transpose(-1, -2) * (q.shape[-1] ** -0.5 if scale is None else scale)
    for bias in biases:
        scores = scores if bias is None else scores + bias
    if causal:
        scores = scores + future(scores, k.shape[2] - q.shape[2])
    return torch.softmax(scores, -1) @ v


ROWS = (
    Operator("Attention", attention, domain=DOMAIN, weights=(1, 2)),
    Operator("MultiHeadAttention", multi_head_attention, domain=DOMAIN, weights=(3,)),
)
