"""Samples for a model from the user's files: `open_data` gives a `DataSet`, whatever kind the files are of."""

from desktop_app.io.data.base import DataSet, Samples
from desktop_app.io.data.opening import open_data

__all__ = ["DataSet", "Samples", "open_data"]
