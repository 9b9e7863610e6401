"""The self-test says what works, what is not in this size, and what is broken; by its exit status, too."""

import pytest

from desktop_app.core.outcome import Outcome
from desktop_app.self_test import command_line, compressing, drawing, main
from desktop_app.self_test.trial import Trial, without_effect


@pytest.fixture
def trial(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made = Trial(tmp_path / "kept")
    with made.host:
        yield made


def test_quick_parts_pass_and_are_told_one_by_one(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    quick = (("open", compressing.open_sample), ("presets", compressing.read_presets))
    monkeypatch.setattr(main, "PARTS", quick)

    assert main.main([str(tmp_path / "kept")]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines[1:3]] == [["ok", "open"], ["ok", "presets"]]
    assert lines[-1] == "all is well"


def test_a_broken_part_is_the_exit_status_and_does_not_hide_the_others(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(compressing, "resource", None, raising=False)

    def breaks(trial: Trial) -> str:
        raise ModuleNotFoundError("No module named 'left_out'")

    monkeypatch.setattr(main, "PARTS", (("broken", breaks), ("presets", compressing.read_presets)))

    assert main.main([str(tmp_path / "kept")]) == 1

    told = capsys.readouterr().out
    assert "FAIL broken" in told
    assert "left_out" in told
    assert "ok   presets" in told
    assert "1 of 2 parts failed: broken" in told


def test_what_this_size_lacks_is_no_failure(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(compressing, "why_no_torch", lambda: "PyTorch is not here.")
    monkeypatch.setattr(main, "PARTS", (("distil", compressing.recover),))

    assert main.main([str(tmp_path / "kept")]) == 0
    assert "none distil" in capsys.readouterr().out


def test_a_step_that_changes_nothing_is_found():
    outcomes = (Outcome("low_rank", "conv", changed=False, reason="no"), Outcome("quantize", "conv", changed=True))
    assert without_effect(outcomes, ("low_rank", "quantize")) == ["low_rank"]


def test_a_command_runs_in_a_process_of_its_own(trial):
    assert command_line.inspect_sample(trial) == "inspect tells 12 layers"


def test_unknown_options_are_wrong_usage(capsys):
    assert main.main(["--quick"]) == 2
    assert "usage" in capsys.readouterr().err


def test_the_window_is_drawn_with_the_sample(trial, qapp):
    told = drawing.draw_window(trial)

    assert told.startswith("offscreen")
    assert (trial.folder / "window-0" / "window.png").stat().st_size > 20_000
