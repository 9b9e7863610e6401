from hypothesis import given
from hypothesis import strategies as st

from desktop_app.steps.weight_only.allocation import Option, allocate
from desktop_app.steps.weight_only.forms import Form, forms, nearest_block

CHOICES = st.lists(st.tuples(st.integers(0, 500), st.floats(0, 1)), min_size=0, max_size=5)


@given(st.lists(CHOICES, min_size=1, max_size=6), st.integers(0, 3000))
def test_stays_within_the_budget_and_never_chooses_worse_than_the_least(layers, more):
    options = {
        str(number): [Option(100, 1.0), *(Option(100 + size, noise) for size, noise in choices)]
        for number, choices in enumerate(layers)
    }
    budget = 100 * len(options) + more
    taken = allocate(options, budget)
    assert sum(options[name][one].bytes for name, one in taken.items()) <= budget
    assert all(options[name][one].noise <= 1.0 for name, one in taken.items())


def test_bytes_go_where_they_gain_most():
    options = {
        "small and noisy": [Option(10, 0.1), Option(20, 0.001)],
        "large": [Option(1000, 0.1), Option(2000, 0.02)],
        "quiet": [Option(100, 0.001), Option(200, 0.0001)],
    }
    assert allocate(options, 1110) == dict.fromkeys(options, 0)
    assert allocate(options, 1125) == {"small and noisy": 1, "large": 0, "quiet": 0}
    assert allocate(options, 2130) == {"small and noisy": 1, "large": 1, "quiet": 0}
    assert allocate(options, 9999) == dict.fromkeys(options, 1)


def test_a_budget_below_the_least_takes_the_least():
    assert allocate({"a": [Option(10, 1.0), Option(20, 0.0)]}, 5) == {"a": 0}


@given(st.integers(1, 300), st.integers(4, 128))
def test_blocks_divide_the_inputs(inputs, size):
    block = nearest_block(size, inputs)
    assert inputs % block == 0
    assert block == inputs or size // 2 <= block <= 2 * size


def test_what_is_asked_for_is_tried_alone():
    assert forms(4, 32, 96) == [Form(4, 32)]
    assert forms(4, None, 96) == [Form(4, 96)]
    assert forms(8, "auto", 96) == [Form(8, 96)]
    assert forms(4, "auto", 96) == [Form(4, 96), Form(4, 48), Form(4, 32), Form(4, 16), Form(8, 96)]
