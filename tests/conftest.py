"""Shared fixtures: where the real models are, and small models made on the spot."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # tests run side by side, and would wait for each other's threads

settings.register_profile("studio", deadline=None)  # machines that run tests are busy
settings.load_profile("studio")

SHARED_DATA = Path(os.environ.get("COMPRESSION_STUDIO_DATA", Path(__file__).parents[2] / "shared" / "data"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real models and data; skips the test where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"the real models and data are not at {SHARED_DATA}")
    return SHARED_DATA
