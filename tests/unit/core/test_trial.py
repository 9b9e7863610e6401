import pytest

from desktop_app.core.recipe import Recipe
from desktop_app.core.report import Fidelity, Figures, Ratio
from desktop_app.core.trial import Limits, Trial


def trial(accuracy=None, agreement=None, speedup=None, before=None) -> Trial:
    fidelity = None if agreement is None else Fidelity(30.0, 0.9, agreement, 10, False)
    ratio = None if speedup is None else Ratio(speedup, (speedup, speedup))
    compressed = Figures(1000, 1, 1, accuracy=accuracy, fidelity=fidelity)
    return Trial("a", "#1", Recipe(), Figures(4000, 1, 1, accuracy=before), compressed, ratio)


def test_points_lost_are_of_accuracy_and_without_labels_of_answers_that_differ():
    assert trial(accuracy=0.9, before=0.95, agreement=0.5).points_lost == pytest.approx(5)
    assert trial(accuracy=0.96, before=0.95).points_lost == pytest.approx(-1)
    assert trial(agreement=0.98).points_lost == pytest.approx(2)
    assert trial().points_lost is None


@pytest.mark.parametrize(
    ("limits", "kept"),
    [
        (Limits(), True),
        (Limits(most_bytes=1000), True),
        (Limits(most_bytes=999), False),
        (Limits(least_speedup=1.5), True),
        (Limits(least_speedup=1.6), False),
        (Limits(most_lost=5.1), True),
        (Limits(most_lost=4.9), False),
        (Limits(1000, 1.5, 4.9), False),
    ],
)
def test_all_limits_must_be_kept(limits, kept):
    assert limits.kept_by(trial(accuracy=0.9, before=0.95, speedup=1.5)) == kept


def test_what_was_not_measured_is_not_known_to_keep_a_limit():
    assert not Limits(least_speedup=1.0).kept_by(trial())
    assert not Limits(most_lost=100).kept_by(trial())
