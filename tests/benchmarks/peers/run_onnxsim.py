"""What onnxsim has for compression: static int8 with and without bias correction, int4 weights, structured pruning.

Its methods need the shapes that its simplification infers. Of those for 4-bit weights only `quantize_weight_only_int4`
takes convolutions, whose weights are a multiple of 32 an output channel; its GPTQ and AdaRound refine matrices only.
"""

from functools import partial

import onnx
import onnxsim
from adapter import Task, asked, tell, use_one_thread
from macs import nearest_ratio
from onnx.version_converter import convert_version

INT4_OPSET = 21


def main() -> None:
    task = asked(__doc__)
    use_one_thread()
    name, _, share = task.setting.partition(":")
    model = simplified(task)
    onnx.save(SETTINGS[name](task, model, float(share)) if share else SETTINGS[name](task, model), task.output)
    tell()


def simplified(task: Task) -> onnx.ModelProto:
    found = onnxsim.simplify(onnx.load(task.model))
    return found[0] if isinstance(found, tuple) else found


def static(task: Task, model: onnx.ModelProto, **options: object) -> onnx.ModelProto:
    return onnxsim.quantize_static(model, list(task.feeds()), **options)


def corrected(task: Task, model: onnx.ModelProto) -> onnx.ModelProto:
    return onnxsim.correct_bias(model, static(task, model), list(task.feeds()))


def int4(task: Task, model: onnx.ModelProto) -> onnx.ModelProto:
    return onnxsim.quantize_weight_only_int4(convert_version(model, INT4_OPSET))


def int4_corrected(task: Task, model: onnx.ModelProto) -> onnx.ModelProto:
    return onnxsim.correct_bias(model, int4(task, model), list(task.feeds()))


def pruned(task: Task, model: onnx.ModelProto, share: float) -> onnx.ModelProto:
    return nearest_ratio(model, partial(onnxsim.apply_structured_pruning, model), share)


def pruned_by_activations(task: Task, model: onnx.ModelProto, share: float) -> onnx.ModelProto:
    feeds = list(task.feeds())

    def at(ratio: float) -> onnx.ModelProto:
        return onnxsim.apply_structured_wanda_pruning(model, feeds, sparsity=ratio)

    return nearest_ratio(model, at, share)


SETTINGS = {
    "default": static,
    "corrected": corrected,
    "full": partial(static, full_graph=True),
    "int4": int4,
    "int4-corrected": int4_corrected,
    "prune": pruned,
    "prune-wanda": pruned_by_activations,
}


if __name__ == "__main__":
    main()
