"""Static int8 by AIMET, with its cross-layer equalisation or without. AdaRound is left out: it takes many minutes.

AIMET writes weights as floats behind QuantizeLinear unless told otherwise; it is told, so that files are small.
"""

import onnx
from adapter import asked, tell, use_one_thread
from aimet_onnx.batch_norm_fold import fold_all_batch_norms_to_weight
from aimet_onnx.cross_layer_equalization import equalize_model
from aimet_onnx.quantsim import QuantizationSimModel

SETTINGS = {
    "default": (False, "min_max"),
    "equalised": (True, "min_max"),
    "equalised-sqnr": (True, "tf_enhanced"),
}


def main() -> None:
    task = asked(__doc__)
    use_one_thread()
    equalised, scheme = SETTINGS[task.setting]
    model = onnx.load(task.model)
    fold_all_batch_norms_to_weight(model)
    if equalised:
        equalize_model(model)
    options = {"intra_op_num_threads": 1}
    simulation = QuantizationSimModel(model, quant_scheme=scheme, session_options_kwargs=options)
    simulation.compute_encodings(task.feeds())
    onnx.save(simulation.to_onnx_qdq(prequantize_constants=True, export_int32_bias=True), task.output)
    tell()


if __name__ == "__main__":
    main()
