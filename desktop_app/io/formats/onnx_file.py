"""An `.onnx` file, byte for byte the one that was measured."""

from pathlib import Path

from desktop_app.io.atomic import atomic_write, check_space
from desktop_app.io.formats.base import ExportJob, Format
from desktop_app.io.onnx_reader import read_model
from desktop_app.io.walk import walk
from desktop_app.io.writer import SPARE_BYTES, refuse_non_finite, refuse_replacing, write_model

CHUNK = 2**20


def write_onnx(job: ExportJob) -> int:
    """Copies the run's model; one whose weights lie in another file is written anew, for that file is named anew."""
    refuse_replacing(job.target, job.refuse)
    model = read_model(job.model)
    if walk(job.model, job.model.parent, job.model.name).locations:
        return write_model(model, job.target, refuse=job.refuse, check=job.check).bytes
    refuse_non_finite(model)
    return _copy(job.model, job)


def _copy(source: Path, job: ExportJob) -> int:
    size = source.stat().st_size
    check_space(job.target.parent, size + SPARE_BYTES)
    with source.open("rb") as content, atomic_write(job.target, job.check) as file:
        while chunk := content.read(CHUNK):
            file.write(chunk)
    return size


ONNX = Format("onnx", "ONNX model", ".onnx", write_onnx)
