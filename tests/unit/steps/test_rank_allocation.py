from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.steps.factorisation.allocation import UNITS, Allocation, Option

OPTIONS = st.lists(
    st.lists(st.builds(Option, st.integers(0, 100), st.integers(0, 50).map(float)), min_size=1, max_size=4),
    min_size=1,
    max_size=4,
)


@settings(max_examples=30)
@given(OPTIONS, st.integers(0, 400))
def test_a_budget_is_spent_as_well_as_by_trying_everything(options, budget):
    allocation = Allocation(options, sum(max(one.macs for one in layer) for layer in options))
    chosen = [layer[index] for layer, index in zip(options, allocation.within(budget), strict=True)]
    fitting = [one for one in product(*options) if sum(option.macs for option in one) <= budget]
    if not fitting:
        assert sum(one.macs for one in chosen) == min(sum(o.macs for o in one) for one in product(*options))
        return
    assert sum(one.macs for one in chosen) <= budget
    assert sum(one.harm for one in chosen) == min(sum(option.harm for option in one) for one in fitting)


@settings(max_examples=30)
@given(OPTIONS, st.floats(0, 200))
def test_a_harm_is_kept_below_with_as_few_operations_as_possible(options, harm):
    allocation = Allocation(options, sum(max(one.macs for one in layer) for layer in options))
    chosen = [layer[index] for layer, index in zip(options, allocation.below(harm), strict=True)]
    fitting = [one for one in product(*options) if sum(option.harm for option in one) <= harm]
    if fitting:
        assert sum(one.harm for one in chosen) <= harm
        assert sum(one.macs for one in chosen) == min(sum(option.macs for option in one) for one in fitting)
    else:
        assert sum(one.harm for one in chosen) == min(sum(option.harm for option in one) for one in product(*options))


def test_operations_beyond_the_units_never_exceed_a_budget():
    options = [[Option(1_000_003, 0.0), Option(333_337, 1.0), Option(7, 3.0)]] * 3
    for budget in (21, 400_000, 1_700_000, 3_000_009):
        allocation = Allocation(options, 3_000_009)
        spent = sum(options[0][index].macs for index in allocation.within(budget))
        assert spent <= budget + 3 * 3_000_009 / UNITS


def test_nothing_to_choose_from_is_nothing_chosen():
    assert Allocation([], 0).within(0) == []
