from msgspec.structs import replace

from desktop_app.ui.searching.words import (
    best_words,
    budget_words,
    candidate_words,
    counted,
    space_words,
    without_words,
)
from tests.unit.ui.searching.search_samples import BUDGET, CANDIDATES, LIMITS, ORIGINAL, measured


def test_how_much_there_is_to_choose():
    told = space_words({"prune": 22, "rank": 1}, 18.2)
    assert told == "10^18 candidates: 22 choices of prune, one choice of rank"
    assert space_words({"bits": 2}, 0.954) == "9 candidates: 2 choices of bits"
    assert "nothing to choose" in space_words({}, 0.0)


def test_a_budget_in_a_line():
    assert budget_words(BUDGET) == "size at most 600 kB, speed-up at least 1.50×"


def test_a_draft_never_meets_a_budget():
    (told,) = best_words(CANDIDATES[2], LIMITS)
    assert told.startswith(
        "#3 keeps the budget as a draft, which no whole measurement has confirmed yet: 550 kB, 1.60×"
    )


def test_what_was_measured_meets_it_or_misses_it_by_what():
    (met,) = best_words(measured(CANDIDATES[2], 1.6), LIMITS)
    assert met.startswith("The budget is met: #3 has 550 kB, 1.60× [1.50, 1.70], 95.0")
    missed = best_words(measured(CANDIDATES[1], 1.4), LIMITS)
    assert missed[0].startswith("The budget is not met. The nearest is #2: 500 kB")
    assert missed[1] == "Missed: speed-up at least 1.50× (it has 1.40×)."


def test_a_limit_that_could_not_be_measured_is_missed():
    limits = replace(LIMITS, bytes=None, speedup=None, peak_memory=1_000_000)
    missed = best_words(measured(CANDIDATES[1], 1.4), limits)
    assert missed[1] == "Missed: peak memory at most 1.00 MB (could not be measured)."


def test_the_model_as_it_is_has_no_number():
    assert "The nearest is the model as it is" in best_words(ORIGINAL, LIMITS)[0]


def test_what_a_limit_costs_is_told_where_there_are_others():
    told = without_words(LIMITS, {"speedup": CANDIDATES[1]})
    assert told[0].startswith("Without the limit “speed-up at least 1.50×”, #2 was judged to keep all others: 500 kB")
    assert without_words(replace(LIMITS, bytes=None), {"speedup": CANDIDATES[1]}) == ()


def test_a_candidate_tells_what_it_is_and_what_it_misses():
    told = candidate_words(CANDIDATES[1], CANDIDATES[1], LIMITS, "8 bits")
    assert told.splitlines()[:2] == ["#2, judged as a draft", "8 bits"]
    assert told.endswith("misses: speed-up at least 1.50×")
    whole = candidate_words(measured(CANDIDATES[2], 1.6), CANDIDATES[2], LIMITS, "").splitlines()
    assert whole[0] == "#3, measured whole"
    assert whole[2].startswith("as a draft: 550 kB, 1.60×")
    assert whole[-1] == "keeps the budget"


def test_counts():
    assert counted(57, 1, 2) == "57 candidates judged, one keeps the budget, 2 could not be made"
