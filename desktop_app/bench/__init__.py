"""How fast, how large, how near to the original: measurement."""
