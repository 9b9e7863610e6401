"""The dialog on what layers and the whole model are rewritten as: every key of `RestructureMethod`."""

from typing import Any

from msgspec.structs import asdict, replace
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from desktop_app.core.methods import RestructureMethod
from desktop_app.core.validation import MAX_MULTIPLIER
from desktop_app.ui.dialogs.buttons import method_buttons
from desktop_app.ui.dialogs.method_form import Field, MethodForm, grouped
from desktop_app.ui.text import Words, tr
from desktop_app.ui.views.labels import label

LAYERS = (
    Field("multiplier", "Kernels for each channel", "Of separable layers: with more of them a layer keeps more of what "
          "it was, and saves less. At the least, each layer gets as many as the share below allows.",
          0, MAX_MULTIPLIER, nothing="as the share allows", none=True),
    Field("share", "Share of the layer kept", "Of a layer's weights and operations, so much may be taken by what comes "
          "in its place: it decides how wide stacks are, and separable layers whose kernels it chooses. The rank of a "
          "stacked layer goes before it.", 0.05, 0.95, 2),
    Field("reconstruct", "Make up for the layers before", "Each layer is fitted on what it reads once those before it "
          "are rewritten; else each by itself, as in the original.", flag=True),
)  # fmt: skip
"""What holds for the layers that have a structure."""

WHOLE = (
    Field("activations", "Smooth activations", "SiLU, HardSwish and GELU take time of their own; Relu is computed "
          "together with the layer before it, and HardSwish needs no exponentials. Train afterwards.",
          choices=("keep", "hardswish", "relu"), titles=("as they are", "HardSwish", "Relu")),
    Field("resolution", "Resolution", "The picture is made smaller inside the model, to this share of its height and "
          "width: half the sides are a quarter of the operations. What is fed to it stays as it is.", 0.1, 1.0, 2),
)  # fmt: skip
"""What holds for the model as a whole."""

SPEED = (
    Field("keep_faster", "Keep only what is faster", "A layer stays as it is where this machine takes no less time for "
          "what would come in its place. Activations and resolution stay where the whole model, run in turns with and "
          "without, is not faster beyond doubt. Results say so, with the figures.", flag=True),
)  # fmt: skip

ABOUT: Words = (
    "Rewriting changes what is computed, for speed. Everything is fitted to the outputs of the original on your "
    "samples; what is still lost is won back by Recover accuracy."
)


class RewriteDialog(QDialog):
    """Edits a `RestructureMethod`.

    Args:
        method: What the recipe says.
        layers: Which layers have a structure, a sentence.
    """

    def __init__(self, method: RestructureMethod, layers: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rewriteDialog")
        self.setWindowTitle(tr("Rewrite"))
        self._forms = MethodForm(LAYERS), MethodForm(WHOLE), MethodForm(SPEED)
        buttons = method_buttons(self, self._restore)
        self._told = label(layers, quiet=True, wrap=True)
        self._told.setObjectName("rewriteLayers")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(12)
        about = label(tr(ABOUT), wrap=True)
        about.setMinimumWidth(460)
        layout.addWidget(about)
        layout.addWidget(grouped(tr("Layers with a structure"), self._told, self._forms[0]))
        layout.addWidget(grouped(tr("The whole model"), self._forms[1]))
        layout.addWidget(self._forms[2])
        layout.addStretch(1)
        layout.addWidget(buttons)
        self._show(method)

    def method(self) -> RestructureMethod:
        """What stands in the fields."""
        values: dict[str, Any] = {}
        for form in self._forms:
            values |= form.values()
        values["multiplier"] = values["multiplier"] or "auto"
        return replace(RestructureMethod(), **values)

    def _restore(self) -> None:
        self._show(RestructureMethod())

    def _show(self, method: RestructureMethod) -> None:
        values = asdict(method)
        values["multiplier"] = None if method.multiplier == "auto" else method.multiplier
        for form in self._forms:
            form.show_values(values)
