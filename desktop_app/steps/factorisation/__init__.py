"""The parts of `low_rank`: factors of a weight, and the nodes that multiply them."""
