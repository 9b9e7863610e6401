"""How candidates are made to be compared: quickly, and near enough to what is made to be kept."""

import gc

import pytest
from msgspec.structs import replace

from desktop_app.core.progress import SilentToken
from desktop_app.search.garbage import collected_afterwards
from tests.unit.search.tiny import BUDGET, judge_of


def test_a_refit_of_a_draft_is_worth_more_than_none() -> None:
    judge = judge_of()
    pruned = [place for place, one in enumerate(judge.space.choices) if one.knob == "prune"]
    genes = judge.effective([1 if place in pruned else 0 for place in range(len(judge.space.choices))])
    refitted, _ = judge.judge(1, genes, SilentToken())
    methods = judge._draft.methods
    judge._draft = replace(judge._draft, methods=replace(methods, prune=replace(methods.prune, reconstruct=False)))
    plain, _ = judge.judge(2, genes, SilentToken())
    assert refitted.bytes == plain.bytes
    assert refitted.sqnr_db > plain.sqnr_db + 1.0


def test_channels_are_judged_by_data_unless_structures_differ() -> None:
    """For then data would have to tell of each candidate anew what its channels are worth."""
    same, other = judge_of(), judge_of(replace(BUDGET, free=("structure", "prune")))
    assert same._draft.methods.prune.criterion == "auto"
    assert any(one.knob == "structure" for one in other.space.choices)
    assert other._draft.methods.prune.criterion == "group_norm"


def test_garbage_is_collected_between_candidates_only() -> None:
    assert gc.isenabled()
    with collected_afterwards():
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(ValueError, match="x"), collected_afterwards():
        raise ValueError("x")
    assert gc.isenabled()
