"""A search in words: a candidate, what a budget asks for, and what has come of it."""

from collections.abc import Iterable, Mapping, Sequence

from desktop_app.core.budget import Budget, BudgetLimits, misses, set_limits
from desktop_app.core.judged import Judged
from desktop_app.core.language import current
from desktop_app.ui import format as fmt
from desktop_app.ui.searching.candidates import ORIGINAL
from desktop_app.ui.searching.limits import limit_words, value_words
from desktop_app.ui.searching.trials import title_of
from desktop_app.ui.text import plural, tr

FEW = 1e6
"""So many candidates are told as a number; more as a power of ten."""


def space_words(choices: Mapping[str, int], exponent: float) -> str:
    """How much there is to choose from: "10^18 candidates: 22 choices of prune, 40 choices of bits"."""
    if not choices:
        return tr("There is nothing to choose: no layer takes any of these settings.")
    each = current().comma.join(filter(None, (_choices(knob, count) for knob, count in choices.items())))
    count = f"{round(10**exponent)}" if 10 ** min(exponent, 7.0) < FEW else f"10^{exponent:.0f}"
    return tr("{count} candidates: {choices}").format(count=count, choices=each)


def budget_words(budget: Budget) -> str:
    """What is asked for, in one line."""
    return current().comma.join(limit_words(name, limit) for name, limit in set_limits(budget.limits).items())


def figures_words(judged: Judged) -> str:
    """What a candidate costs and loses, in one line."""
    told = [fmt.size(judged.bytes), f"{judged.speedup:.2f}×" + interval_words(judged)]
    if judged.drop is not None:
        told.append(tr("{points} points lost").format(points=fmt.points(judged.drop)))
    if judged.agreement is not None:
        told.append(tr("{share} the same answers").format(share=fmt.percent(judged.agreement)))
    told.append(fmt.decibel(judged.sqnr_db))
    return current().comma.join(told)


def interval_words(judged: Judged) -> str:
    """The interval of a speed-up that was measured; empty where it was not."""
    if judged.speedup_low is None or judged.speedup_high is None:
        return ""
    return f" [{judged.speedup_low:.2f}, {judged.speedup_high:.2f}]"


def candidate_words(judged: Judged, draft: Judged | None, limits: BudgetLimits, recipe: str) -> str:
    """All that is told of a candidate, in several lines."""
    lines = [tr("{candidate}, measured whole") if judged.measured else tr("{candidate}, judged as a draft")]
    lines = [lines[0].format(candidate=title_of(judged)), recipe, figures_words(judged)]
    if judged.measured and draft is not None:
        lines.append(tr("as a draft: {figures}").format(figures=figures_words(draft)))
    missed = misses(limits, judged)
    if missed:
        names = current().comma.join(limit_words(name, set_limits(limits)[name]) for name in missed)
        lines.append(tr("misses: {limits}").format(limits=names))
    else:
        lines.append(tr("keeps the budget") if judged.measured else tr("keeps the budget, as far as it was judged"))
    return "\n".join(line for line in lines if line)


def best_words(best: Judged, limits: BudgetLimits) -> tuple[str, ...]:
    """Whether the budget is met by the best, and which limit is missed by what: a sentence each."""
    name, missed = name_of(best), misses(limits, best)
    figures = figures_words(best)
    if not missed and best.measured:
        return (tr("The budget is met: {candidate} has {figures}.").format(candidate=name, figures=figures),)
    if not missed:
        text = tr("{candidate} keeps the budget as a draft, which no whole measurement has confirmed yet: {figures}.")
        return (text.format(candidate=name, figures=figures),)
    text = tr("The budget is not met. The nearest is {candidate}: {figures}.")
    if not best.measured:
        text = tr("No draft keeps the budget yet. The nearest is {candidate}: {figures}.")
    return text.format(candidate=name, figures=figures), _missed(missed, limits, best)


def without_words(limits: BudgetLimits, others: Mapping[str, Judged]) -> tuple[str, ...]:
    """What each limit costs: the best without it, a sentence each."""
    asked = set_limits(limits)
    if len(asked) < 2 or not others:
        return ()
    text = tr("Without the limit “{limit}”, {candidate} was judged to keep all others: {figures}.")
    return tuple(
        text.format(limit=limit_words(name, asked[name]), candidate=name_of(one), figures=figures_words(one))
        for name, one in others.items()
    )


def counted(judged: int, kept: int, failed: int) -> str:
    """How many candidates there are."""
    told = [plural(judged, "One candidate judged", "{count} candidates judged")]
    told.append(plural(kept, "one keeps the budget", "{count} keep the budget"))
    if failed:
        told.append(plural(failed, "one could not be made", "{count} could not be made"))
    return current().comma.join(told)


def name_of(judged: Judged) -> str:
    """A candidate's number; the model as it is has none."""
    return tr("the model as it is") if judged.number == ORIGINAL else title_of(judged)


def _choices(knob: str, count: int) -> str:
    """How many choices there are of a setting."""
    match knob:
        case "structure":
            return plural(count, "one choice of structure", "{count} choices of structure")
        case "prune":
            return plural(count, "one choice of prune", "{count} choices of prune")
        case "rank":
            return plural(count, "one choice of rank", "{count} choices of rank")
        case "bits":
            return plural(count, "one choice of bits", "{count} choices of bits")
    return ""


def _missed(missed: Iterable[str], limits: BudgetLimits, best: Judged) -> str:
    """Which limits are missed by what, a sentence."""
    asked = set_limits(limits)
    told = [(limit_words(name, asked[name]), value_words(name, best)) for name in missed]
    each = [
        tr("{limit} (could not be measured)").format(limit=limit)
        if value == fmt.UNKNOWN
        else tr("{limit} (it has {value})").format(limit=limit, value=value)
        for limit, value in told
    ]
    return tr("Missed: {limits}.").format(limits=current().comma.join(each))


def in_lines(sentences: Sequence[str]) -> str:
    """Sentences below each other."""
    return "\n".join(sentences)
