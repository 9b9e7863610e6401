"""Seconds and memory to inspect a model of 20,000 nodes, and one of 1.5 GB in a file beside it.

    python tests/benchmarks/bench_open.py

The targets: 2 s for the table of the first, 3 s and 400 MB for the second. Each is inspected in a process of its own,
so that the memory is that of one inspection; the time is that of the work, without the imports. On a busy computer the
processor's time, which the last figure tells, is the one to go by.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

NODES = 20_000
LAYERS, SIDE = 24, 4096


def write_many_nodes(path: Path) -> None:
    """A residual chain of convolution, normalisation, activation and addition."""
    rng = np.random.default_rng(0)
    nodes, constants, value = [], [], "x"
    for block in range(NODES // 4):
        norm = [f"block{block}.norm.{part}" for part in ("weight", "bias", "mean", "variance")]
        weight = rng.standard_normal((4, 4, 3, 3)).astype(np.float32)
        constants.append(numpy_helper.from_array(weight, f"block{block}.conv.weight"))
        constants.extend(numpy_helper.from_array(np.ones(4, np.float32), name) for name in norm)
        nodes += [
            helper.make_node(
                "Conv", [value, f"block{block}.conv.weight"], [f"c{block}"], f"/block{block}/conv/Conv", pads=[1] * 4
            ),
            helper.make_node("BatchNormalization", [f"c{block}", *norm], [f"n{block}"], f"/block{block}/norm/Norm"),
            helper.make_node("Relu", [f"n{block}"], [f"r{block}"], f"/block{block}/Relu"),
            helper.make_node("Add", [f"r{block}", value], [f"a{block}"], f"/block{block}/Add"),
        ]
        value = f"a{block}"
    shape = ["N", 4, 16, 16]
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)]
    outputs = [helper.make_tensor_value_info(value, TensorProto.FLOAT, shape)]
    onnx.save(_model(nodes, inputs, outputs, constants), path)


def write_large(path: Path) -> None:
    """Matrices of 64 MB in an external file."""
    row = np.random.default_rng(0).standard_normal((SIDE, SIDE)).astype(np.float32).tobytes()
    nodes, constants, value = [], [], "x"
    with path.with_suffix(".bin").open("wb") as file:
        for layer in range(LAYERS):
            tensor = TensorProto(name=f"layer{layer}.weight", data_type=TensorProto.FLOAT, dims=[SIDE, SIDE])
            tensor.data_location = TensorProto.EXTERNAL
            for key, entry in (("location", f"{path.stem}.bin"), ("offset", layer * len(row)), ("length", len(row))):
                tensor.external_data.add(key=key, value=str(entry))
            constants.append(tensor)
            file.write(row)
            nodes.append(helper.make_node("MatMul", [value, tensor.name], [f"m{layer}"], f"/layer{layer}/MatMul"))
            value = f"m{layer}"
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", SIDE])]
    outputs = [helper.make_tensor_value_info(value, TensorProto.FLOAT, ["N", SIDE])]
    onnx.save(_model(nodes, inputs, outputs, constants), path)


def inspect(path: Path) -> dict[str, float]:
    """Inspects one model in this process."""
    from desktop_app.core.collector import collector_paused, made_to_stay

    with made_to_stay():  # as in the worker
        import desktop_app.pipeline  # noqa: F401 - so that its import is not counted
        from desktop_app.inspection import summarise
        from desktop_app.io.onnx_reader import read_model

    start, worked = time.perf_counter(), time.process_time()
    with made_to_stay():
        model = read_model(path)
    read = time.perf_counter()
    with collector_paused():
        summary = summarise(model, name=path.name, path=str(path), sha256="", file_bytes=path.stat().st_size)
    figures = {"layers": len(summary.layers), "read s": read - start, "table s": time.perf_counter() - read}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {**figures, "peak MB": peak, "processor s": time.process_time() - worked}


def main() -> None:
    """Writes both models, inspects each in a fresh process, and prints the figures."""
    if len(sys.argv) > 1:
        sys.stdout.write(json.dumps(inspect(Path(sys.argv[1]))))
        return
    with tempfile.TemporaryDirectory() as folder:
        for name, write in (("nodes-20000", write_many_nodes), ("external-1.5-GB", write_large)):
            path = Path(folder) / f"{name}.onnx"
            write(path)
            done = subprocess.run([sys.executable, __file__, str(path)], check=True, capture_output=True)
            figures = json.loads(done.stdout)
            sys.stdout.write(name + "".join(f"  {key} {value:.2f}" for key, value in figures.items()) + "\n")


def _model(nodes: list, inputs: list, outputs: list, constants: list) -> onnx.ModelProto:
    graph = helper.make_graph(nodes, "benchmark", inputs, outputs, constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


if __name__ == "__main__":
    main()
