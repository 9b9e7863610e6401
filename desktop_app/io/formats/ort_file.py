"""An `.ort` file: ONNX Runtime's own format, already optimised, for runtimes built small (on phones, say).

Format: https://onnxruntime.ai/docs/performance/model-optimizations/ort-format-models.html
"""

from pathlib import Path

from desktop_app.graph.runtime import save_runtime_format
from desktop_app.io.atomic import atomic_write, check_space
from desktop_app.io.formats.base import ExportJob, Format
from desktop_app.io.onnx_reader import read_model
from desktop_app.io.writer import SPARE_BYTES, refuse_non_finite, refuse_replacing


def write_ort(job: ExportJob) -> int:
    """Has ONNX Runtime write the run's model."""
    refuse_replacing(job.target, job.refuse)
    refuse_non_finite(read_model(job.model))
    check_space(job.target.parent, job.model.stat().st_size + SPARE_BYTES)
    with atomic_write(job.target, job.check) as file:
        save_runtime_format(job.model, Path(file.name))
    return job.target.stat().st_size


ORT = Format("ort", "ONNX Runtime model", ".ort", write_ort)
