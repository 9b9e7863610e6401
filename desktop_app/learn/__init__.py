"""The differentiable copy of an ONNX graph, and what is trained on it."""
