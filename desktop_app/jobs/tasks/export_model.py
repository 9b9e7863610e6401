"""Writing a model to where the user wants it."""

from pathlib import Path

from desktop_app.core.progress import Token
from desktop_app.io.export import export_model
from desktop_app.jobs.exports import Exported, ExportModel
from desktop_app.jobs.opened import source_of


def run(request: ExportModel, token: Token) -> Exported:
    """Writes a model in the wanted format, after a fresh process has compared it with what was shown.

    Raises:
        StudioError: when the target is refused, cannot be written, or does not pass the check; what was there stands.
        Cancelled: when the token says so.
    """
    done = export_model(
        Path(request.model),
        source_of(request.original),
        Path(request.path),
        request.format,
        token,
        Path(request.run_folder) if request.run_folder else None,
    )
    return Exported(str(done.path), done.bytes, done.checked)
