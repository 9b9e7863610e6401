"""Static int8 by NNCF, on the ONNX model."""

import nncf
import onnx
from adapter import asked, read, tell, use_one_thread
from nncf.quantization.advanced_parameters import AdvancedQuantizationParameters, OverflowFix, QuantizationParameters

TUNED = AdvancedQuantizationParameters(
    overflow_fix=OverflowFix.ENABLE,  # weights of 7 bits
    activations_quantization_params=QuantizationParameters(per_channel=False),  # per channel would not fuse
)
SETTINGS = {
    "default": {},
    "exact": {"fast_bias_correction": False},
    "tuned": {"fast_bias_correction": False, "advanced_parameters": TUNED},
}


def main() -> None:
    task = asked(__doc__)
    use_one_thread()
    data = nncf.Dataset(task.paths, read)
    model = onnx.load(task.model)
    onnx.save(nncf.quantize(model, data, subset_size=len(task.paths), **SETTINGS[task.setting]), task.output)
    tell()


if __name__ == "__main__":
    main()
