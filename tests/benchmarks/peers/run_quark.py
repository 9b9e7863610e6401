"""Static int8 by AMD Quark.

Left out: AdaRound and AdaQuant, which take many minutes, and its bias correction, which keeps 28 MB for every image of
224 pixels (8.5 GB for 300) and leaves a value that no node gives as an output of the model.
"""

from pathlib import Path

from adapter import Task, asked, tell, use_one_thread
from onnxruntime.quantization import CalibrationDataReader
from quark.onnx import (
    A8W8_QCONFIG,
    CalibMethod,
    CLEConfig,
    Int8Spec,
    ModelQuantizer,
    QConfig,
    QLayerConfig,
    QuantGranularity,
    UInt8Spec,
)

CHANNELS = Int8Spec(quant_granularity=QuantGranularity.Channel)
U8S8 = QLayerConfig(activation=UInt8Spec(calibration_method=CalibMethod.MinMax), weight=CHANNELS)
SETTINGS = {
    "default": A8W8_QCONFIG,
    "u8s8": QConfig(U8S8, algo_config=[CLEConfig()]),
}


class Reader(CalibrationDataReader):
    """Gives one sample after another, and again from the first for whoever asks again."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._feeds = task.feeds()

    def get_next(self):
        return next(self._feeds, None)

    def rewind(self) -> None:
        self._feeds = self._task.feeds()

    reset_iter = rewind

    def __len__(self) -> int:
        return len(self._task.paths)


def main() -> None:
    task = asked(__doc__)
    use_one_thread()
    ModelQuantizer(SETTINGS[task.setting]).quantize_model(str(task.model), str(Path(task.output)), Reader(task))
    tell()


if __name__ == "__main__":
    main()
