"""Weights brought to a grid, or to zeros, so that the layer's outputs change least: `gptq.round_rows` and its parts.

All take weights as (..., outputs, K): K are the inputs that one output sums over, and leading axes, if any, are the
groups of a grouped convolution. `moments` (..., K, K) is the mean of x x^T over what the layer reads; for rows w of the
weights and q of what replaces them, (w - q) moments (w - q)^T is the mean squared error of an output.
"""
