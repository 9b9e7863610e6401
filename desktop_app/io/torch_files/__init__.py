"""Files of PyTorch: told apart without running anything, read as data, or run after the user trusts them."""
