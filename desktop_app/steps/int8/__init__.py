"""Static int8: what is quantised, with which scales, and how it is written so that ONNX Runtime fuses it."""
