"""The About box names what is installed, or what a frozen program lists."""

import json
import sys
from importlib.metadata import version

from desktop_app.core.components import Component, components, licences_folder


def test_installed_libraries_are_named_with_version_and_licence():
    found = {one.name: one for one in components()}

    assert found["numpy"].version == version("numpy")
    assert found["PySide6-Essentials"].licence.startswith("LGPL-3.0")
    assert list(found) == sorted(found, key=str.lower)


def test_a_frozen_program_tells_its_list(tmp_path, monkeypatch):
    listed = [{"name": "numpy", "version": "1", "licence": "BSD-3-Clause"}]
    (tmp_path / "licences").mkdir()
    (tmp_path / "licences" / "components.json").write_text(json.dumps(listed), encoding="utf-8")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "compression-studio"))

    assert components() == (Component("numpy", "1", "BSD-3-Clause"),)
    assert licences_folder() == tmp_path / "licences"
