"""The parts of `prune_weights`: which weights go, and how those that stay make up for them."""
