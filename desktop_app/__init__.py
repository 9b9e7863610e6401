"""Compression Studio: makes neural networks small and fast without their training code."""

__version__ = "0.1.0"
