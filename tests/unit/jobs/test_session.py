import os
import platform
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_app.jobs import session


@pytest.fixture(autouse=True)
def _private_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session.platformdirs, "user_cache_path", lambda *_, **__: tmp_path / "cache")


def test_only_the_user_can_read_a_session() -> None:
    folder = session.new_session()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert str(os.getpid()) in folder.name


def test_what_a_killed_program_left_is_removed() -> None:
    mine = session.new_session()
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    left = mine.parent / f"{platform.node()}-{int(dead.stdout)}-abc"
    elsewhere = mine.parent / f"other-computer-{int(dead.stdout)}-abc"
    for folder in (left, elsewhere):
        folder.mkdir()
        (folder / "model.onnx").write_bytes(b"x")
    session.new_session()
    assert not left.exists()
    assert mine.exists()
    assert elsewhere.exists()


def test_a_cache_that_cannot_be_written_is_no_reason_to_fail(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    folder = session.new_session()
    assert folder.is_dir()
    session.remove_session(folder)
    assert not folder.exists()


def test_a_worker_uses_the_folder_that_it_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(session.SESSION_VARIABLE, str(tmp_path))
    session.session_folder.cache_clear()
    try:
        assert session.session_folder() == tmp_path
        assert session.new_folder("open").parent == tmp_path
    finally:
        session.session_folder.cache_clear()
