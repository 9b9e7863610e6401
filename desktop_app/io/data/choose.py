"""Choosing how images are normalised by trying the usual ways on the model: shapes do not show it, outputs do."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from desktop_app.core.data import DataSettings, Preprocess
from desktop_app.core.progress import Progress, SilentToken, Token
from desktop_app.core.summary import TensorSpec
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session, running
from desktop_app.io.data.base import DataSet
from desktop_app.io.data.guess import guess_preprocess, scales_itself, usual_normalisations
from desktop_app.io.data.opening import open_data, reads_images
from desktop_app.io.data.specs import image_input
from desktop_app.io.data.trial import Run, Trial, try_preprocess

SAMPLES = 64
MIN_SAMPLES = 16
MAC_BUDGET = 2e11
"""What all trials together may cost; slower models are tried on fewer images."""
INFORMATIVE = 0.9
"""Share of the best information that a candidate must reach; pixels of the wrong scale fall far below."""
EQUAL = 1.05
SURE = 1.15
"""How many times the least uncertainty counts as equal to it, and how many times as clearly worse."""


class Choice(Struct, frozen=True):
    """What was chosen, whether by a clear margin, and what was tried, a sentence each."""

    preprocess: Preprocess
    sure: bool
    notes: tuple[str, ...]


def choose_preprocess(
    run: Run,
    open_with: Callable[[Preprocess], DataSet],
    candidates: Sequence[Preprocess],
    samples: int = SAMPLES,
    token: Token | None = None,
) -> Choice:
    """Takes the preprocessing under which the model tells most about the images.

    Candidates that leave the model uninformative are out. Of the others the one with the least cross-entropy to the
    labels is taken, without labels the one with the least entropy; among equals the first of `candidates`.

    Args:
        run: The model: inputs of a batch to class vectors (samples, classes).
        open_with: Opens the data under a preprocessing.
        candidates: What to try, the most common first; at least one.
        samples: How many images to try on; those that calibrate, so that none of them evaluates later.
        token: Hears of progress; says when to stop.
    """
    token = token or SilentToken()
    trials: list[Trial] = []
    for number, candidate in enumerate(candidates):
        token.check()
        token.report(Progress("preprocess", number / len(candidates), "Trying the usual preprocessings"))
        trial = try_preprocess(run, open_with(candidate), candidate, samples)
        if trial is None:
            note = "The model's output is no vector of classes, so the preprocessing could not be tried out."
            return Choice(candidates[0], False, (note,))
        trials.append(trial)
    return _decide(trials)


def resolve_preprocess(
    model: Model,
    settings: DataSettings,
    inputs: Sequence[TensorSpec],
    *,
    seed: int,
    token: Token | None = None,
) -> tuple[DataSettings, tuple[str, ...]]:
    """Completes the settings of image data with a preprocessing, guessed and then chosen on the data.

    Returns:
        The settings, unchanged where there is nothing to guess, and what should be said of the guess.

    Raises:
        InvalidFileError: when the data cannot be read, or ONNX Runtime does not run the model.
        InvalidRecipeError: when the data and the model do not fit together.
        Cancelled: when the token says so.
    """
    if settings.preprocess is not None or not reads_images(settings):
        return settings, ()
    raw = scales_itself(model)
    guess = guess_preprocess(inputs, raw)
    target = image_input(inputs)
    candidates = [
        replace(guess, scale=one.scale, mean=one.mean, std=one.std, color=one.color)
        for one in usual_normalisations(target, raw)
    ]
    if len(candidates) == 1:
        return replace(settings, preprocess=guess), (f"The preprocessing follows from the model: {describe(guess)}.",)
    session = open_session(model)
    macs = sum(layer.macs for layer in model.layers)
    samples = max(MIN_SAMPLES, min(SAMPLES, int(MAC_BUDGET / (len(candidates) * macs)))) if macs else SAMPLES

    def run(feeds: Mapping[str, np.ndarray]) -> np.ndarray:
        with running():
            return np.asarray(session.run([session.get_outputs()[0].name], dict(feeds))[0])

    def open_with(preprocess: Preprocess) -> DataSet:
        return open_data(replace(settings, preprocess=preprocess), inputs, seed=seed)

    choice = choose_preprocess(run, open_with, candidates, samples, token)
    return replace(settings, preprocess=choice.preprocess), choice.notes


def describe(preprocess: Preprocess) -> str:
    """The normalisation as a formula, with the order of the colours."""
    formula = "pixel" if preprocess.scale == 1 else f"pixel / {preprocess.scale:g}"
    if any(preprocess.mean):
        formula = f"({formula} - {_numbers(preprocess.mean)})"
    if set(preprocess.std) != {1.0}:
        formula = f"{formula} / {_numbers(preprocess.std)}"
    return f"{formula} ({preprocess.color})"


def _decide(trials: Sequence[Trial]) -> Choice:
    most = max(trial.information for trial in trials)
    likely = [trial for trial in trials if trial.information >= INFORMATIVE * most]
    known = [trial for trial in likely if trial.cross_entropy is not None]
    ranked = [(trial.cross_entropy or 0.0, trial) for trial in known] or [(trial.entropy, trial) for trial in likely]
    least = min(uncertainty for uncertainty, _ in ranked)
    best = next(trial for uncertainty, trial in ranked if uncertainty <= least * EQUAL)
    rival = min(((one, trial) for one, trial in ranked if trial is not best), default=None, key=lambda pair: pair[0])
    sure = most > 0 and (rival is None or rival[0] > least * SURE)
    how = "the labels" if known else "how sure the model is"
    chosen = f"{describe(best.preprocess)} was chosen on {best.samples} images by {how}"
    doubt = "" if sure or rival is None else f", by a small margin over {describe(rival[1].preprocess)}: look at it"
    return Choice(best.preprocess, sure, (f"Of {len(trials)} usual preprocessings, {chosen}{doubt}.",))


def _numbers(values: Sequence[float]) -> str:
    return f"{values[0]:g}" if len(set(values)) == 1 else "(" + ", ".join(f"{value:g}" for value in values) + ")"
