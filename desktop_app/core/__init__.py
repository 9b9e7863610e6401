"""Plain values: no array, no graph, no window; only msgspec and the standard library."""
