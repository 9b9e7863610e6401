import pytest

from desktop_app.core.look import ActivationLook, ChannelLook, Histogram, LayerLook, SpectrumLook, WeightLook
from desktop_app.core.methods import Methods, PruneMethod
from desktop_app.core.recipe import Recipe
from desktop_app.core.sensitivity import CHANGES, Candidate, LayerSensitivity
from desktop_app.core.settings import LayerSettings
from desktop_app.ui.inspection import Subject, shape_left
from desktop_app.ui.plots.histogram_pictures import activations_picture, weights_picture
from desktop_app.ui.plots.layer_pictures import bits_picture, channels_picture, weakest_share
from desktop_app.ui.plots.mini import Note
from desktop_app.ui.plots.rank_picture import kept_by, rank_for, rank_picture
from desktop_app.ui.plots.sensitivity_picture import sensitivity_picture
from tests.unit.ui.ui_samples import conv

LAYER = conv("/block/conv", 4, 8)
LOOK = LayerLook(
    LAYER.name,
    weight=WeightLook(
        288, -1.0, 2.0, 0.5, 0.0, Histogram(-1.0, 2.0, (1, 4, 0)), tuple(one / 100 for one in range(101))
    ),
    channels=ChannelLook(4, (1.0, 1.0, 3.0, 5.0)),
    spectrum=SpectrumLook(4, (4.0, 2.0, 1.0, 0.0), (0.76, 0.95, 1.0, 1.0)),
    noise=((16, 70.0), (8, 43.0), (4, 18.0), (2, 3.0)),
)


def subject(settings=None, recipe=None, **more) -> Subject:
    return Subject(
        **{
            "layer": LAYER,
            "settings": settings or LayerSettings(),
            "recipe": recipe or Recipe(),
            "left": (4, 8),
            "refused": {},
            "look": LOOK,
            **more,
        }
    )


def styles(picture) -> list[str]:
    return [bar.style for bar in picture.bars]


def test_the_weakest_channels_go_and_what_they_hold_is_said():
    picture = channels_picture(subject(LayerSettings(prune=0.5), left=(2, 8)))
    assert styles(picture) == ["plain", "plain", "gone", "gone"]
    assert [bar.top for bar in picture.bars] == [1.0, 0.6, 0.2, 0.2]
    assert picture.words == "the cut removes 2 of 4 channels, 20 % of the norm"
    assert picture.marks[0].at == 2


def test_a_refused_cut_says_why_and_marks_nothing():
    refused = {"prune": "It writes the output."}
    picture = channels_picture(subject(LayerSettings(prune=0.5), refused=refused))
    assert picture.words == "not cut: It writes the output."
    assert picture.marks == ()
    assert "gone" not in styles(picture)


def test_before_the_worker_has_looked_the_pictures_say_so():
    for picture in (channels_picture, rank_picture, bits_picture, weights_picture):
        assert isinstance(picture(subject(look=None)), Note)
    broken = LayerLook(LAYER.name, "its weights are not all finite")
    assert "not all finite" in channels_picture(subject(look=broken)).words


def test_a_rank_tells_what_it_keeps_and_where_it_stops_saving():
    picture = rank_picture(subject(LayerSettings(rank=2)))
    assert picture.words == "rank 2 of 4 keeps 95.0 % of the energy; a rank saves below 4"
    assert [mark.at for mark in picture.marks] == [2, 3]
    assert styles(picture) == ["plain", "plain", "plain", "gone"]
    unasked = rank_picture(subject())
    assert unasked.words == "90 % of the energy takes rank 2 of 4; a rank saves below 4"
    assert "would not save" in rank_picture(subject(LayerSettings(rank=4))).words


def test_ranks_are_found_among_values_that_were_thinned_out():
    kept = tuple((place + 1) / 101 for place in range(101))
    assert rank_for(kept, 1001, 0.5) == pytest.approx(500, abs=10)
    assert kept_by(kept, 1001, 500) == pytest.approx(0.5, abs=0.01)
    assert kept_by(kept, 1001, 1001) == 1.0


def test_the_bits_that_are_asked_for_stand_out():
    picture = bits_picture(subject(LayerSettings(bits=8)))
    assert styles(picture) == ["plain", "chosen", "plain", "plain"]
    assert picture.words == "8 bits keep 43.0 dB of signal to noise"
    assert "chosen" not in styles(bits_picture(subject()))


def test_single_weights_that_go_are_hatched_in_the_histogram():
    recipe = Recipe(methods=Methods(prune=PruneMethod(unit="weights")))
    picture = weights_picture(subject(LayerSettings(prune=0.6), recipe))
    assert styles(picture) == ["gone", "gone", "plain"]
    assert [mark.at for mark in picture.marks] == [-0.6, 0.6]
    assert styles(weights_picture(subject(LayerSettings(prune=0.6)))) == ["plain"] * 3
    assert picture.table.rows[1] == ("0", "1.00", "4", "80.0 %")


def test_activations_are_drawn_once_they_are_known():
    assert activations_picture(subject(activation_reason="Choose data.")) == Note("Choose data.")
    seen = ActivationLook(LAYER.name, 0.0, 6.0, Histogram(0.0, 6.0, (3, 1)))
    assert activations_picture(subject(activation=seen)).words.startswith("from 0 to 6.00")


def test_sensitivity_rings_what_the_recipe_asks_for_and_tells_its_cost():
    candidates = {one.title: Candidate(20.0, 10.0 + place, None, 6.0) for place, one in enumerate(CHANGES)}
    candidates["rank 0.75"] = Candidate(reason="it would not save")
    tried = LayerSensitivity(LAYER.name, 12.0, candidates)
    picture = sensitivity_picture(subject(LayerSettings(prune=0.3, bits=4), tried=tried))
    prune, rank, bits = picture.lines
    assert prune.ringed == (0,)
    assert rank.ringed == ()
    assert len(rank.points) == 2
    assert bits.ringed == (2,)
    assert picture.words == ("prune 25 % alone: 18.0 dB at 50 % of the time\n4 bits alone: 13.0 dB at 50 % of the time")
    row = next(row for row in picture.table.rows if row[0] == "rank 75 %")
    assert row[1] == "it would not save"
    assert isinstance(sensitivity_picture(subject()), Note)


def test_shapes_after_a_cut_follow_the_operator():
    assert shape_left(LAYER, (2, 6)) == (2, 6, 3, 3)
    assert shape_left(conv("/x", 4, 8, convolution_groups=1), (4, 8)) == (4, 8, 3, 3)


def test_the_weakest_share_of_norms():
    assert weakest_share((5.0, 3.0, 1.0, 1.0), 0.5) == pytest.approx(0.2)
    assert weakest_share((5.0, 3.0, 1.0, 1.0), 0.0) == 0.0
