"""Static int8 of the real MobileNet v1 0.75: size, agreement, signal to noise, accuracy and speed-up.

300 images of the ImageNet sample calibrate, the other 200 evaluate. Passes if every row of the calibration "auto" is at
most 2.9 MB, agrees with float on at least 92 % of the images and is at least 1.25 times as fast.

Run: python tests/benchmarks/bench_int8_mobilenet.py [--data ../shared/data] [--calibrations auto,minmax] [--seconds 12]
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from time import process_time

from desktop_app.bench.evaluate import evaluate
from desktop_app.bench.latency import compare
from desktop_app.core.data import DataSettings, Preprocess
from desktop_app.core.methods import Methods, QuantizeMethod
from desktop_app.core.progress import SilentToken
from desktop_app.core.recipe import Recipe
from desktop_app.core.settings import LayerSettings
from desktop_app.graph.model import Model
from desktop_app.graph.runtime import open_session
from desktop_app.io.data.base import DataSet
from desktop_app.io.data.opening import open_data
from desktop_app.io.data.specs import inputs_of
from desktop_app.io.onnx_reader import read_model
from desktop_app.stats.calibrated import DataCalibration
from desktop_app.stats.calibration import Batch
from desktop_app.stats.collector import collect
from desktop_app.steps.quantize_static import QuantizeStatic

DATA = Path(__file__).parents[3] / "shared" / "data"
PREPROCESS = Preprocess(resize=256, crop=224, scale=127.5, mean=(1.0,), std=(1.0,))
BATCH = 10
MOST_BYTES, LEAST_AGREEMENT, LEAST_SPEEDUP = 2_900_000, 0.92, 1.25


def main() -> int:
    """Prints a row for each scheme and calibration; 1 if one of those that count misses a figure."""
    parser = argparse.ArgumentParser(description="Static int8 of MobileNet v1 0.75.")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--calibrations", default="auto,minmax,percentile,mse,entropy")
    parser.add_argument("--seconds", type=float, default=12.0)
    parser.add_argument("--threads", type=int, default=0)
    arguments = parser.parse_args()
    model = read_model(arguments.data / "models" / "mobilenet_v1_0.75_224.onnx")
    settings = DataSettings(path=str(arguments.data / "imagenet-sample"), preprocess=PREPROCESS, calibration=300)
    data = open_data(settings, inputs_of(open_session(model)), seed=0)
    sys.stdout.write(f"{'scheme':9} {'calibration':12} {'MB':>6} agreement   SQNR   top-1  speed-up  CPU s\n")
    passed = True
    for calibration in arguments.calibrations.split(","):
        for scheme in ("auto", "portable"):
            started = process_time()
            small = quantized(model, data, QuantizeMethod(scheme=scheme, calibration=calibration))
            spent = process_time() - started
            found = evaluate(small, data, data.evaluation_indices, reference=model, threads=arguments.threads)
            speedup = compare((model, small), seconds=arguments.seconds, threads=arguments.threads).rows[1].ratio.median
            size, fidelity = len(small.to_bytes()), found.fidelity
            agreement = (fidelity.top1_agreement if fidelity is not None else None) or 0.0
            sqnr = fidelity.sqnr_db if fidelity is not None else 0.0
            sys.stdout.write(
                f"{scheme:9} {calibration:12} {size / 1e6:6.2f} {agreement:9.1%} {sqnr:6.1f} "
                f"{found.accuracy or 0:7.1%} {speedup:9.2f} {spent:6.1f}\n"
            )
            sys.stdout.flush()
            if calibration == "auto":
                passed &= size <= MOST_BYTES and agreement >= LEAST_AGREEMENT and speedup >= LEAST_SPEEDUP
    return 0 if passed else 1


def quantized(model: Model, data: DataSet, method: QuantizeMethod) -> Model:
    """The model with every layer that can have them in 8 bits."""
    recipe = Recipe(defaults=LayerSettings(bits=8), methods=Methods(quantize=method))
    step, token = QuantizeStatic(), SilentToken()

    def batches() -> Iterator[Batch]:
        return (batch.inputs for batch in data.batches(data.calibration_indices, BATCH))

    statistics = collect(model, step.needs(model, recipe), batches(), token)
    calibration = DataCalibration(batches, len(data.calibration_indices), data.synthetic, statistics)
    return step.apply(model, recipe, calibration, token).model


if __name__ == "__main__":
    sys.exit(main())
