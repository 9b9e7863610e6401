from pathlib import Path

import pytest

from desktop_app.commands.storage import placed


def test_a_file_is_where_it_is_seen_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert placed("sqlite:///s.sqlite?timeout=5") == f"sqlite:///{tmp_path.as_posix()}/s.sqlite?timeout=5"
    assert placed(f"sqlite:///{tmp_path.as_posix()}/s.sqlite") == f"sqlite:///{tmp_path.as_posix()}/s.sqlite"


@pytest.mark.parametrize("storage", ["", "postgresql://me@host/base", "sqlite://", "sqlite:///:memory:", "nonsense"])
def test_what_names_no_file_stays(storage: str) -> None:
    assert placed(storage) == storage
