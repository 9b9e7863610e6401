"""Small models written as text."""

import numpy as np
import onnx
import onnx_ir as ir
from onnx import numpy_helper

from desktop_app.graph.model import Model


def net(
    text: str, *, opset: int = 17, ir_version: int = 8, domains: tuple[str, ...] = (), **weights: np.ndarray
) -> Model:
    """A model from onnx's textual form, with initializers; a node is called after its first output."""
    return Model(ir.from_proto(net_proto(text, opset=opset, ir_version=ir_version, domains=domains, **weights)))


def net_proto(
    text: str, *, opset: int = 17, ir_version: int = 8, domains: tuple[str, ...] = (), **weights: np.ndarray
) -> onnx.ModelProto:
    """The protobuf of `net`."""
    imports = ", ".join([f'"" : {opset}', *(f'"{domain}" : 1' for domain in domains)])
    proto = onnx.parser.parse_model(f"<ir_version: {ir_version}, opset_import: [{imports}]> {text}")
    proto.graph.initializer.extend(numpy_helper.from_array(array, name) for name, array in weights.items())
    for node in proto.graph.node:
        node.name = node.name or node.output[0]
    return proto


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    """Seeded normal floats."""
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def conv_norm() -> Model:
    """Conv with bias, batch normalisation, activation; then a classifier."""
    return net(
        """g (float[N, 3, 8, 8] x) => (float[N, 10] y) {
            c = Conv<pads = [1, 1, 1, 1]>(x, w, b)
            n = BatchNormalization(c, scale, shift, mean, variance)
            r = Relu(n)
            p = GlobalAveragePool(r)
            f = Flatten(p)
            y = Gemm<transB = 1>(f, fw, fb)
        }""",
        w=normal(4, 3, 3, 3),
        b=normal(4),
        scale=normal(4, seed=1),
        shift=normal(4, seed=2),
        mean=normal(4, seed=3),
        variance=np.abs(normal(4, seed=4)) + 0.1,
        fw=normal(10, 4),
        fb=normal(10),
    )
