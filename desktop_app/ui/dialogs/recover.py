"""The dialog on how accuracy is trained back: every key of `RecoverMethod`."""

from msgspec.structs import asdict, replace
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.core.methods import RecoverMethod
from desktop_app.ui.dialogs.buttons import method_buttons
from desktop_app.ui.dialogs.method_form import Field, MethodForm, grouped
from desktop_app.ui.text import Words, tell, tr
from desktop_app.ui.views.labels import label

MAX_STEPS, MAX_SECONDS, MAX_BATCH = 1_000_000, 7 * 86400, 65_536

MAIN = (
    Field("steps", "Batches to train on", "At most so many; none trains nothing.", high=MAX_STEPS, nothing="off"),
    Field("quantised_steps", "Batches after rounding", "Once weights and activations are rounded, with the rounding in "
          "the training (quantisation-aware); 0 trains nothing then.", high=MAX_STEPS, nothing="off"),
    Field("seconds", "Seconds at most", "Training is planned for this time where it is shorter than the batches.",
          high=MAX_SECONDS, nothing="no limit", none=True),
    Field("batch", "Samples of a batch", "More are steadier, and need more memory.", 1, MAX_BATCH),
    Field("temperature", "Temperature", "What scores are divided by before they are compared: above 1 the unlikely "
          "classes count more.", 0.1, 100, 1),
    Field("labels", "Labels teach beside the original", "Where the data has labels.", flag=True),
    Field("label_weight", "Weight of the labels", "From 0 to 1; the original counts for the rest.", decimals=2),
    Field("features", "Weight of the layers between", "How much the values behind layers count, relative to the "
          "outputs; 0 compares outputs only.", high=1000, decimals=2),
    Field("share", "Share of the samples that train", "Of those that do not calibrate; the others evaluate.",
          0.01, 0.99, 2),
)  # fmt: skip
"""What one is likely to change."""

DETAILS = (
    Field("optimizer", "Optimiser", "AdamW, or SGD with Nesterov's momentum.", choices=("adamw", "sgd")),
    Field("rate", "Highest learning rate", "Reached after the warm-up, then lowered to 0 along a cosine.",
          high=10, decimals=5, nothing="usual", none=True),
    Field("warm_up", "Warm-up", "Share of the batches in which the rate rises.", decimals=2),
    Field("decay", "Weight decay", "Of matrices and kernels only.", decimals=5),
    Field("average", "Averaging of the weights", "Share of the average that stays at each step; 0 averages nothing.",
          high=0.9999, decimals=4),
    Field("mixup", "Mixing of samples", "Strength of mixing pairs of samples; 0 mixes nothing.", high=10, decimals=2),
    Field("patience", "Stop without progress after", "So many judgements on held-out samples.", high=10_000,
          nothing="never", none=True),
    Field("blocks", "Train block by block", "Where memory is short: each block learns what the original has there.",
          flag=True),
    Field("normalise", "Put normalisation back for the training", "It is folded in again afterwards.", flag=True),
    Field("augment", "Change the samples at random", "Images are shifted and flipped, other data gets a little noise.",
          flag=True),
    Field("precision", "Precision", "Single; or half for products of matrices, where the processor is faster so.",
          choices=("auto", "single"), titles=("automatic", "single precision")),
    Field("teacher", "Teacher", "A model file that teaches in place of the original: the opened model is its student.",
          nothing="the original", text=True),
)  # fmt: skip
"""What one may leave alone."""

ABOUT: Words = (
    "The compressed model learns to give the outputs of the original, on your samples; they need no labels. "
    "The best state on held-out samples is kept, and Stop keeps what was learned for the next run."
)


class RecoverDialog(QDialog):
    """Edits a `RecoverMethod`.

    Args:
        method: What the recipe says.
        labels_why_not: Why labels cannot teach, a sentence; empty where they can.
        why_not: Why nothing can be trained here; empty where it can. The fields may be set all the same.
    """

    def __init__(
        self, method: RecoverMethod, labels_why_not: str = "", why_not: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("recoverDialog")
        self.setWindowTitle(tr("Recover accuracy"))
        self._method = method
        self._main, self._details = MethodForm(MAIN), MethodForm(DETAILS)
        self._main.switch("labels", labels_why_not)
        buttons = method_buttons(self, self._restore)
        columns = QHBoxLayout()
        columns.setSpacing(14)
        columns.addWidget(grouped(tr("Training"), self._main))
        columns.addWidget(grouped(tr("In detail"), self._details))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(12)
        layout.addWidget(label(tr(ABOUT), wrap=True))
        if why_not:
            layout.addWidget(label(tell(why_not), heading=True, wrap=True))
        layout.addLayout(columns)
        layout.addWidget(buttons)
        self._show(method)

    def method(self) -> RecoverMethod:
        """What stands in the fields."""
        return replace(self._method, **self._main.values(), **self._details.values())

    def _restore(self) -> None:
        """Defaults, of as many steps as are asked for."""
        self._show(RecoverMethod(steps=self.method().steps))

    def _show(self, method: RecoverMethod) -> None:
        values = asdict(method)
        self._main.show_values(values)
        self._details.show_values(values)
