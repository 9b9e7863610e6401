"""Signal to noise of a changed model on calibration samples, and what the errors of single layers add up to."""

from collections.abc import Iterable, Iterator
from math import inf, log10

from desktop_app.bench.fidelity import CAP_DB, FidelityMeter
from desktop_app.core.progress import Token
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session, running
from desktop_app.stats.calibration import Batch
from desktop_app.stats.collector import samples_in


def noise_of(decibel: float) -> float:
    """Noise by signal."""
    return 0.0 if decibel >= CAP_DB else float(10.0 ** (-decibel / 10.0))


def decibel_of(noise: float) -> float:
    """The inverse of `noise_of`."""
    return CAP_DB if noise <= 0.0 else min(-10.0 * log10(noise), CAP_DB) if noise < inf else -CAP_DB


def together(decibels: Iterable[float]) -> float:
    """What errors that know nothing of each other add up to, in decibel."""
    return decibel_of(sum(noise_of(one) for one in decibels))


def sqnr_db(original: Model, changed: Model, batches: Iterator[Batch], samples: int, token: Token) -> float:
    """Signal to noise of all outputs of `changed`, on about so many samples."""
    one, other = open_session(original), open_session(changed)
    names = [value.name for value in one.get_outputs()]
    wanted = {value.name for value in one.get_inputs()}
    meter = FidelityMeter()
    for batch in batches:
        token.check()
        feed = {name: array for name, array in batch.items() if name in wanted}
        count = max(samples_in(feed), 1)
        with running():
            meter.add(one.run(names, feed), other.run(names, feed), count)
        samples -= count
        if samples <= 0:
            break
    found = meter.result(synthetic=False)
    return CAP_DB if found is None else found.sqnr_db
