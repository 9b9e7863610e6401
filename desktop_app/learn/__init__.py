"""The differentiable copy of an ONNX graph, and what is trained on it. The only package, beside the zoo, that needs torch."""
