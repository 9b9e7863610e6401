"""The Model on onnx_ir: what it costs, how its channels depend on each other, how it is rewritten and run."""
