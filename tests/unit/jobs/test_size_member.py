from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.core.errors import StudioError
from desktop_app.core.progress import SilentToken
from desktop_app.core.resources import resource
from desktop_app.jobs import session
from desktop_app.jobs.conversions import MemberSized, SizeMember
from desktop_app.jobs.tasks import convert_model, size_member
from desktop_app.zoo.families import FAMILIES


@pytest.fixture(autouse=True)
def _private_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "session").mkdir()
    monkeypatch.setenv(session.SESSION_VARIABLE, str(tmp_path / "session"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    session.session_folder.cache_clear()
    yield
    session.session_folder.cache_clear()


def size(family: str, **more: object) -> MemberSized:
    return size_member.run(SizeMember(family, **more), SilentToken())


def test_a_member_as_published_has_the_published_parameters() -> None:
    sized = size("mobilenet_v3_small")
    assert sized.params == FAMILIES["mobilenet_v3_small"].params
    assert 54e6 < sized.macs < 64e6  # arXiv:1905.02244, table 4: 56 million
    assert sized.bytes > 4 * sized.params
    assert sized.latency_ms > 0


def test_what_is_told_of_a_student_is_what_is_made(tmp_path: Path) -> None:
    like, out = str(resource("sample/digits.onnx")), tmp_path / "student.onnx"
    small, large = size("mobilenet_v2", width=0.25, like=like), size("mobilenet_v2", width=1.0, like=like)
    assert small.macs < large.macs
    request = convert_model.ConvertModel(str(out), family="mobilenet_v2", width=0.25, like=like)
    made = convert_model.run(request, SilentToken())
    assert made.params == small.params
    assert made.bytes == pytest.approx(small.bytes, rel=0.15)


def test_a_size_without_sense_is_refused() -> None:
    with pytest.raises(StudioError, match="width is a factor"):
        size("resnet18", width=99.0)
