"""Whether the numbers that a graph computes from sizes stay right under every cut, told once all labels are joined."""

from fractions import Fraction

import numpy as np

from desktop_app.graph.constants import tensor_of
from desktop_app.graph.labels import Resolved
from desktop_app.graph.rules.followers import Check, Rewritten, Stay
from desktop_app.graph.rules.numbers import Part
from desktop_app.graph.rules.trace import Trace, describe


def settle(trace: Trace) -> Resolved:
    """Makes computed sizes right: leaves them to Reshape, or joins labels; and pins them where nothing helps.

    The size of another axis stays right if both are cut alike; half of an axis (x[:, : c // 2]) if its two halves are.
    """
    resolved = trace.labels.resolve()
    for stay in trace.stays:
        _keep(stay, resolved, trace)
    if trace.stays:
        resolved = trace.labels.resolve()
    wrong = [check for check in trace.checks if not _holds(check, resolved)]
    wrong = [check for check in wrong if not _rewrite(check, trace)]
    if not wrong:
        return resolved
    for check in wrong:
        _join(check, trace)
    resolved = trace.labels.resolve()
    for check in wrong:
        if not _holds(check, resolved):
            for labels in (check.labels, *(part.labels for part in check.number.parts)):
                trace.pin(labels, check.reason)
    return trace.labels.resolve()


def _keep(stay: Stay, resolved: Resolved, trace: Trace) -> None:
    """Lets the size of a head stay what it is: by leaving it to Reshape, or by another divisor of the whole."""
    labels = np.concatenate([part.labels for part in stay.number.parts])
    if (resolved.pinned[labels] < len(resolved.reasons)).all():
        return
    reason = f"has a size that is used in {describe(stay.node)}"
    check = Check(stay.number, labels, reason, stay.node, 1, stay.element, stay.inferable)
    left_to_it = stay.inferable and _rewrite(check, trace)
    if not left_to_it and not trace.follow_divisor(stay):
        trace.pin_number(stay.number, reason)


def _rewrite(check: Check, trace: Trace) -> bool:
    """Whether the node can have a target of its own: the size is an operand of its own of the Concat that makes it."""
    node, labels = check.node, check.labels
    given = node.inputs[check.place] if node is not None else None
    concat = given.producer() if given is not None else None
    if node is None or labels is None or concat is None or concat.op_type != "Concat":
        return False
    lengths = [len(trace.numbers_of(value) or ()) for value in concat.inputs]
    operand = int(np.searchsorted(np.cumsum(lengths), check.element, side="right"))
    if 0 in lengths or operand >= len(lengths) or lengths[operand] != 1:
        return False
    stated = tensor_of(concat.inputs[operand]) is not None
    if not stated and (not check.inferable or any(one.node == node.name and one.inferred for one in trace.rewritten)):
        return False
    changing = np.concatenate([labels, *(part.labels for part in check.number.parts)])
    trace.rewritten.append(Rewritten(node.name or "", check.place, operand, not stated, labels, changing))
    return True


def _join(check: Check, trace: Trace) -> None:
    whole = check.number.labels
    if whole is not None and check.labels is not None and whole.size == check.labels.size:
        trace.labels.join(whole, check.labels)
        return
    for part in check.number.parts:
        times = part.times.denominator
        if times > 1 and part.labels.size % times == 0:
            trace.join_rows(part.labels.reshape(times, -1).T)


def _holds(check: Check, resolved: Resolved) -> bool:
    """Whether every unit is counted as often as it should be; labels that are pinned stay, and are plain numbers."""
    if check.labels is None:
        counted = _counted(check.number.parts, resolved)[0]
        return all(count.denominator == 1 for count in counted.values())
    counted, fixed = _counted((*check.number.parts, Part(Fraction(-1), check.labels)), resolved)
    return not any(counted.values()) and fixed + (check.number.rest or 0) == 0


def _counted(parts: tuple[Part, ...], resolved: Resolved) -> tuple[dict[int, Fraction], Fraction]:
    """How often each unit that can be cut is counted, and the sum over all others."""
    counted: dict[int, Fraction] = {}
    fixed = Fraction(0)
    for part in parts:
        free = resolved.pinned[part.labels] == len(resolved.reasons)
        fixed += part.times * int((~free).sum())
        roots, counts = np.unique(resolved.roots[part.labels[free]], return_counts=True)
        for root, count in zip(roots.tolist(), counts.tolist(), strict=True):
            counted[root] = counted.get(root, Fraction(0)) + part.times * count
    return counted, fixed
