"""Attention as the standard has it from opset 23 on (Vaswani et al., 2017, with grouped heads and a soft cap)."""

from functools import reduce
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - its name everywhere
from torch import Tensor

from desktop_app.learn.operators.arguments import optional
from desktop_app.learn.operators.base import Compute, Node, Operator


def attention(node: Node) -> Compute:
    """Attention: softmax(Q K^T scale, capped, + mask) V over heads, that several of the queries may share."""
    cap = node.attribute("softcap", 0.0)
    q_heads, kv_heads = node.attribute("q_num_heads", 0), node.attribute("kv_num_heads", 0)
    shown, fixed = node.attribute("qk_matmul_output_mode", 0), node.attributes.get("scale")

    def compute(q: Tensor, k: Tensor, v: Tensor, *rest: Tensor | None) -> tuple[Any, ...]:
        mask, past_k, past_v, lengths = optional(rest, 4)
        flat = q.dim() == 3
        if flat:
            q, k, v = in_heads(q, q_heads), in_heads(k, kv_heads), in_heads(v, kv_heads)
        if past_k is not None and past_v is not None:
            k, v = torch.cat((past_k, k), 2), torch.cat((past_v, v), 2)
        factor = q.shape[-1] ** -0.5 if fixed is None else fixed
        share = q.shape[1] // k.shape[1]
        keys, values = (one.repeat_interleave(share, 1) if share > 1 else one for one in (k, v))
        products = q @ keys.transpose(-1, -2) * factor
        bias = _bias(node, products, mask, lengths, 0 if past_k is None else past_k.shape[2])
        capped = torch.tanh(products / cap) * cap if cap else products
        masked = capped if bias is None else capped + bias
        shares = _shares(masked)
        result = shares @ values
        return (merged(result) if flat else result), k, v, (products, capped, masked, shares)[shown]

    return compute


def in_heads(x: Tensor, heads: int) -> Tensor:
    """[batch, steps, heads * size] as [batch, heads, steps, size]."""
    return x.reshape(*x.shape[:-1], heads, -1).transpose(1, 2)


def merged(x: Tensor) -> Tensor:
    """[batch, heads, steps, size] as [batch, steps, heads * size]."""
    return x.transpose(1, 2).flatten(2)


def _bias(node: Node, scores: Tensor, mask: Tensor | None, lengths: Tensor | None, past: int) -> Tensor | None:
    """What is added to the products: the mask, and minus infinity for what a query may not look at."""
    if mask is not None:
        missing = scores.shape[-1] - mask.shape[-1]
        if mask.dtype is torch.bool:
            mask = torch.zeros_like(mask, dtype=scores.dtype).masked_fill(~mask, -float("inf"))
        mask = F.pad(mask, (0, missing), value=-float("inf")) if missing > 0 else mask
    seen = _seen(node, scores, lengths, past)
    if seen is None:
        return mask
    bias = torch.zeros(seen.shape, dtype=scores.dtype, device=scores.device).masked_fill(~seen, -float("inf"))
    return bias if mask is None else bias + mask


def _seen(node: Node, scores: Tensor, lengths: Tensor | None, past: int) -> Tensor | None:
    """Which keys a query may look at, by its place: [batch or 1, 1, queries, keys]; None where it may look at all."""
    queries, keys = scores.shape[-2:]
    steps = torch.arange(keys, device=scores.device)
    first = torch.tensor(past, device=scores.device) if lengths is None else lengths - queries
    ahead = steps - torch.arange(queries, device=scores.device).unsqueeze(1) - first.reshape(-1, 1, 1, 1)
    rules = []
    if node.attribute("is_causal", 0):
        rules.append(ahead <= 0)
    if (left := node.attribute("left_window_size", -1)) >= 0:
        rules.append(-ahead <= left)
    if (right := node.attribute("right_window_size", -1)) >= 0:
        rules.append(ahead <= right)
    if lengths is not None:
        rules.append(steps < lengths.reshape(-1, 1, 1, 1))
    return reduce(torch.logical_and, rules) if rules else None


def future(scores: Tensor, past: int) -> Tensor:
    """Minus infinity where a query would look at what comes after it; [queries, keys]."""
    infinite = torch.full(scores.shape[-2:], -float("inf"), dtype=scores.dtype, device=scores.device)
    return infinite.triu(1 + past)


def _shares(scores: Tensor) -> Tensor:
    """Softmax; a query that may look at nothing gets nothing."""
    empty = (scores == -float("inf")).all(-1, keepdim=True)
    return torch.softmax(scores.masked_fill(empty, 0.0), -1).masked_fill(empty, 0.0)


def rotary(node: Node) -> Compute:
    """RotaryEmbedding (Su et al., 2021): pairs of features turn by an angle that grows with the position."""
    heads, size, mixed = (node.attribute(name, 0) for name in ("num_heads", "rotary_embedding_dim", "interleaved"))

    def compute(x: Tensor, cos: Tensor, sin: Tensor, positions: Tensor | None = None) -> Tensor:
        flat = x.dim() == 3
        whole = in_heads(x, heads) if flat else x
        width = size or whole.shape[-1]
        turned, rest = whole[..., :width], whole[..., width:]
        c, s = (one if positions is None else one[positions.long()] for one in (cos, sin))
        c, s = c[..., : width // 2].unsqueeze(1), s[..., : width // 2].unsqueeze(1)
        a, b = (turned[..., 0::2], turned[..., 1::2]) if mixed else turned.chunk(2, -1)
        real, imaginary = c * a - s * b, s * a + c * b
        both = torch.stack((real, imaginary), -1).flatten(-2) if mixed else torch.cat((real, imaginary), -1)
        found = torch.cat((both, rest), -1)
        return merged(found) if flat else found

    return compute


ROWS = (Operator("Attention", attention, since=23), Operator("RotaryEmbedding", rotary, since=23))
