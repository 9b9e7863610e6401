"""What a search goes out from: what the data do not tell is asked for before anything is judged."""

from pathlib import Path

import numpy as np
import pytest

from desktop_app.core.budget import Budget, BudgetLimits
from desktop_app.core.data import DataSettings
from desktop_app.core.errors import InvalidRecipeError
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.io.writer import write_model
from desktop_app.jobs.search_basis import basis_of
from tests.contracts.small_nets import NETS

pytestmark = pytest.mark.usefixtures("private_session")


@pytest.mark.parametrize(
    ("named", "sentence"),
    [(False, "needs data with labels, and no data is named"), (True, "needs labels, and the data has none")],
)
def test_a_limit_on_accuracy_asks_for_labels(tmp_path: Path, named: bool, sentence: str) -> None:
    model, images = tmp_path / "m.onnx", tmp_path / "images.npz"
    write_model(NETS["residual"](), model)
    np.savez(images, x=np.zeros((20, 3, 8, 8), np.float32))
    data = DataSettings(path=str(images) if named else None, calibration=16)
    with pytest.raises(InvalidRecipeError, match=sentence):
        basis_of(str(model), Budget(limits=BudgetLimits(max_drop=1.0), data=data), Recipe(), 1, SilentToken())
