"""The program starts itself by what has standard streams."""

import sys

from desktop_app.core.program import program_command


def test_from_source_it_is_the_package():
    assert program_command("--worker") == [sys.executable, "-P", "-m", "desktop_app", "--worker"]


def test_the_window_without_a_console_starts_the_program_with_one(tmp_path, monkeypatch):
    for name in ("compression-studio.exe", "compression-studio-window.exe"):
        (tmp_path / name).touch()
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "compression-studio-window.exe"))

    assert program_command("--worker") == [str(tmp_path / "compression-studio.exe"), "--worker"]


def test_a_renamed_program_starts_itself(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "studio"))

    assert program_command() == [str(tmp_path / "studio")]
