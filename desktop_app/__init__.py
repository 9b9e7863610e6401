"""Compression Studio: makes neural networks small and fast without their training code."""

import os

__version__ = "0.1.0"

# ONNX Runtime for Linux counts its uses and would send that to its makers; it looks here when it is loaded, and this
# module is there before it in every process. Its own switch, `disable_telemetry_events`, still leaves files behind.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
