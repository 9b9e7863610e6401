"""Static int8 by onnxruntime.quantization."""

import tempfile
from pathlib import Path

from adapter import Task, asked, tell, use_one_thread
from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

U8, S8 = QuantType.QUInt8, QuantType.QInt8
SETTINGS = {
    "default": {},
    "u8s8": {"per_channel": True, "activation_type": U8, "weight_type": S8},
    "s8s8": {"per_channel": True, "activation_type": S8, "weight_type": S8},
    "u8s8-reduced": {"per_channel": True, "activation_type": U8, "weight_type": S8, "reduce_range": True},
    "u8u8": {"per_channel": True, "activation_type": U8, "weight_type": U8},
}


class Reader(CalibrationDataReader):
    """Gives one sample after another."""

    def __init__(self, task: Task) -> None:
        self._feeds = task.feeds()

    def get_next(self):
        return next(self._feeds, None)


def main() -> None:
    task = asked(__doc__)
    use_one_thread()
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(str(task.model), str(prepared), skip_symbolic_shape=True)
        quantize_static(str(prepared), str(task.output), Reader(task), **SETTINGS[task.setting])
    tell()


if __name__ == "__main__":
    main()
