"""Weights in fewer bytes, and the nodes that make them what they were."""
