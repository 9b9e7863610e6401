"""A folder with everything that a run left, and a program that runs the model and checks it."""

import shutil

from desktop_app.core.errors import StudioError
from desktop_app.core.text import clean_name
from desktop_app.io.atomic import check_space, told_as_sentence
from desktop_app.io.bundle import FILES, MODEL, SUMS, staged, write_sums
from desktop_app.io.formats.base import ExportJob, Format
from desktop_app.io.writer import SPARE_BYTES, refuse_replacing


def write_bundle(job: ExportJob) -> int:
    """Copies the run's folder, and checks the copied model."""
    run = job.run_folder
    if run is None or not (run / SUMS).is_file():
        raise StudioError("A bundle holds the recipe and the report of a run: run a recipe first, or export as ONNX.")
    if job.target.exists() and job.target.samefile(run):
        raise StudioError(f"{clean_name(job.target.name)} is the folder of the run itself: choose another folder.")
    refuse_replacing(job.target / MODEL, job.refuse)
    external = sorted(run.glob(f"{MODEL.removesuffix('.onnx')}-*.data"))
    files = [*(run / name for name in FILES if name != SUMS and (run / name).is_file()), *external]
    size = sum(file.stat().st_size for file in files)
    with staged(job.target) as stage:
        check_space(stage, size + SPARE_BYTES)
        with told_as_sentence(job.target):
            for file in files:
                shutil.copyfile(file, stage / file.name)
        job.check(stage / MODEL)
        write_sums(stage)
    return size


BUNDLE = Format("bundle", "Folder with model, recipe, report and a program that runs it", "", write_bundle)
