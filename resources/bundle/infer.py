"""Runs the model of this folder. Needs numpy and onnxruntime; Pillow only for images.

python infer.py                  compares the model's outputs with those stored; exit status 0: they are equal
python infer.py a.jpg b.png      prints the highest outputs for each image
python infer.py samples.npz      runs it on arrays named after the inputs, and writes outputs.npz
"""

import math
import os
import sys
from pathlib import Path

import numpy as np

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read when onnxruntime is loaded: it is not to tell anybody that it was used

import onnxruntime

FOLDER = Path(__file__).resolve().parent
PREPROCESS = None
TOLERANCE = 0.02
"""Relative; other processors round integers differently."""
SMALL = 1e-3
"""Outputs whose root mean square is less are compared with this."""
HIGHEST = 5


def open_session():
    """The model on the CPU."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(str(FOLDER / "model.onnx"), options, providers=["CPUExecutionProvider"])


def check():
    """Runs the model on the stored inputs and compares with the stored outputs; gives the largest relative error."""
    with np.load(FOLDER / "check.npz", allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    session = open_session()
    inputs = {one.name: arrays[f"input_{index}"] for index, one in enumerate(session.get_inputs())}
    outputs = session.run(None, inputs)
    expected = {
        int(name.removeprefix("output_")): array for name, array in arrays.items() if name.startswith("output_")
    }
    return max((relative_error(array, outputs[index]) for index, array in expected.items()), default=0.0)


def relative_error(expected, actual):
    """Norm of the difference over the norm of what is expected; infinite where they cannot be compared."""
    actual = np.asarray(actual)
    if expected.shape != actual.shape:
        return math.inf
    if expected.dtype.kind not in "fiub" or actual.dtype.kind not in "fiub":
        return 0.0 if np.array_equal(expected, actual.astype(expected.dtype)) else math.inf
    expected, actual = expected.astype(np.float64), actual.astype(np.float64)
    finite = np.isfinite(expected)
    if not np.array_equal(expected[~finite], actual[~finite], equal_nan=True):
        return math.inf
    error = float(np.linalg.norm(expected[finite] - actual[finite]))
    if error == 0.0:
        return 0.0
    return error / max(float(np.linalg.norm(expected[finite])), SMALL * expected.size**0.5)


def read_image(path):
    """An image as the model takes it: (1, channels, height, width), or with the channels last."""
    from PIL import Image, ImageOps

    settings = PREPROCESS
    with Image.open(path, formats=("PNG", "JPEG", "BMP", "WEBP")) as image:
        image = ImageOps.exif_transpose(image)
        if image.mode.startswith("I"):  # 16 bits a channel, which Pillow would clip
            image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
        image = image.convert("L" if settings["color"] == "gray" else "RGB")
    crop = settings["crop"]
    height, width = (crop if isinstance(crop, (list, tuple)) else (crop, crop)) if crop is not None else (None, None)
    short = min(image.size)
    target = settings["resize"] or short
    if crop is not None:
        target = max(target, math.ceil(short * height / image.height), math.ceil(short * width / image.width))
    if target != short:
        size = [target if side == short else target * side // short for side in image.size]
        image = image.resize(size, Image.Resampling.BILINEAR)
    if crop is not None:
        left, top = round((image.width - width) / 2), round((image.height - height) / 2)
        image = image.crop((left, top, left + width, top + height))
    pixels = np.asarray(image)
    pixels = pixels[:, :, None] if settings["color"] == "gray" else pixels
    pixels = pixels[:, :, ::-1] if settings["color"] == "bgr" else pixels
    mean, std = np.array(settings["mean"], np.float32), np.array(settings["std"], np.float32)
    values = (pixels.astype(np.float32) / np.float32(settings["scale"]) - mean) / std
    return values[None] if settings["layout"] == "nhwc" else values.transpose(2, 0, 1)[None]


def as_input(values, kind):
    """The values in the type of the model's input; rounded and clipped where it takes whole numbers."""
    name = {"float": "float32", "double": "float64"}.get(kind[len("tensor(") : -1], kind[len("tensor(") : -1])
    dtype = np.dtype(name)
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        values = np.clip(np.rint(values), limits.min, limits.max)
    return np.ascontiguousarray(values, dtype)


def run_images(paths):
    """Prints the highest values of the first output for each image."""
    if PREPROCESS is None:
        raise ValueError("this model was not compressed with images: give an .npz with arrays named after its inputs")
    session = open_session()
    first = session.get_inputs()[0]
    for path in paths:
        values = np.asarray(session.run(None, {first.name: as_input(read_image(path), first.type)})[0]).ravel()
        highest = np.argsort(values)[::-1][:HIGHEST]
        say(f"{path}: " + ", ".join(f"{index} ({values[index]:.4g})" for index in highest))


def run_arrays(path):
    """Runs the model on the arrays of an .npz and writes all outputs to outputs.npz in the current folder."""
    session = open_session()
    with np.load(path, allow_pickle=False) as samples:
        outputs = session.run(None, {one.name: samples[one.name] for one in session.get_inputs()})
    np.savez("outputs.npz", **{f"output_{index}": output for index, output in enumerate(outputs)})
    say("outputs.npz: " + ", ".join(one.name for one in session.get_outputs()))


def say(text):
    """Prints a line."""
    sys.stdout.write(f"{text}\n")


def main(arguments):
    """Does what the arguments ask; gives the exit status."""
    try:
        if arguments and arguments[0].endswith(".npz"):
            run_arrays(arguments[0])
        elif arguments:
            run_images(arguments)
        elif not (FOLDER / "check.npz").exists():
            raise ValueError("there are no stored outputs to compare with")
        else:
            error = check()
            if not error <= TOLERANCE:
                raise ValueError(f"the outputs differ from those stored in check.npz, by {error:.3g} relative to them")
            say(f"OK: the outputs are those stored in check.npz (relative error {error:.3g})")
    except Exception as error:
        say(f"error: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
