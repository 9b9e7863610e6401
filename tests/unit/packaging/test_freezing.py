"""What is shipped, and under which terms; the frozen program itself is proved by packaging/linux/prove.sh."""

import json
import sys
from pathlib import Path

import pytest

PACKAGING = Path(__file__).parents[3] / "packaging"
sys.path.append(str(PACKAGING))

from build import differences  # noqa: E402 - found by the line above
from freeze.components import components_of, write_texts  # noqa: E402
from freeze.trimming import is_needed  # noqa: E402

TEXTS = PACKAGING / "licences"
MODULES = ("PySide6", "numpy", "onnxruntime", "onnx", "PIL", "yaml", "desktop_app", "no_such_module")


@pytest.mark.parametrize(
    ("target", "source", "needed"),
    [
        ("PySide6/Qt/lib/libQt6Widgets.so.6", "/venv/lib/libQt6Widgets.so.6", True),
        ("PySide6/Qt/lib/libQt6Quick.so.6", "/venv/lib/libQt6Quick.so.6", False),
        ("libQt6Qml.so.6", "/venv/lib/libQt6Qml.so.6", False),
        ("PySide6/Qt/translations/qtbase_zh_CN.qm", "/venv/qtbase_zh_CN.qm", True),
        ("PySide6/Qt/translations/qtbase_fr.qm", "/venv/qtbase_fr.qm", False),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", "/venv/libqxcb.so", True),
        ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", "/venv/libqgtk3.so", False),
        ("PySide6\\plugins\\platforms\\qwindows.dll", "C:\\venv\\qwindows.dll", True),
        ("libgtk-3.so.0", "/lib/x86_64-linux-gnu/libgtk-3.so.0", False),
        ("libstdc++.so.6", "/lib/x86_64-linux-gnu/libstdc++.so.6", False),
        ("libssl.so.3", "/lib/x86_64-linux-gnu/libssl.so.3", True),
        (
            "python3.11/lib-dynload/_ssl.cpython-311-x86_64-linux-gnu.so",
            "/usr/lib/python3.11/lib-dynload/_ssl.so",
            True,
        ),
        ("torch/include/ATen/ATen.h", "/venv/torch/include/ATen/ATen.h", False),
        ("torch/lib/libtorch_cpu.so", "/venv/torch/lib/libtorch_cpu.so", True),
        ("torch/bin/torch_shm_manager", "/venv/torch/bin/torch_shm_manager", True),
        ("torch/bin/test_jit", "/venv/torch/bin/test_jit", False),
        ("desktop_app/resources/presets/int8.yaml", "/studio/resources/presets/int8.yaml", True),
    ],
)
def test_what_is_not_used_stays_out(target, source, needed):
    assert is_needed(target, source) is needed


def test_two_builds_are_compared_file_by_file():
    one = "aa  same\nbb  changed\ncc  here\n-> target  a link\n"
    other = "aa  same\nff  changed\ndd  there\n-> target  a link\n"

    assert differences(one, one) == []
    assert differences(one, other) == ["! changed", "+ here", "- there"]


def test_everything_shipped_brings_its_terms(tmp_path):
    components = components_of(MODULES, TEXTS)
    write_texts(components, tmp_path)

    names = {one.name for one in components}
    assert {"numpy", "onnxruntime", "onnx", "pillow", "PyYAML", "Python"} <= names
    assert not names & {"compression-studio"}
    assert len(list(tmp_path.iterdir())) == len(components)
    for one in components:
        assert one.licence, one.name
        assert any(
            file.stat().st_size > 200 for file in (tmp_path / f"{one.name}-{one.version}").rglob("*") if file.is_file()
        )


def test_qt_comes_with_the_text_of_its_licence(tmp_path):
    write_texts(components_of(("PySide6",), TEXTS), tmp_path)

    text = next(tmp_path.glob("PySide6*/LGPL-3.0.txt")).read_text(encoding="utf-8")
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in text


def test_what_has_no_terms_stops_the_build(tmp_path, monkeypatch):
    class Nameless:
        metadata = {"Name": "nameless"}
        version = "1"
        files = ()

    monkeypatch.setattr("freeze.components.metadata.packages_distributions", lambda: {"nameless": ["nameless"]})
    monkeypatch.setattr("freeze.components.metadata.distribution", lambda name: Nameless)
    with pytest.raises(LookupError, match="nameless 1 brings no licence along"):
        components_of(("nameless",), tmp_path)


def test_the_bill_of_materials_lists_components_and_is_the_same_for_the_same_commit():
    pytest.importorskip("cyclonedx", reason="the extra `package` is not installed")
    from freeze.bill import bill_of

    components = components_of(MODULES, TEXTS)
    bill = json.loads(bill_of(components, "1.2.3", built=1_700_000_000))

    assert bill["bomFormat"] == "CycloneDX"
    assert bill["metadata"]["component"]["version"] == "1.2.3"
    assert {one["name"] for one in bill["components"]} == {one.name for one in components}
    assert bill_of(components, "1.2.3", built=1_700_000_000) == bill_of(components, "1.2.3", built=1_700_000_000)
