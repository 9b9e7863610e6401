"""A search in the window: what it has found, and the user's errands with it."""
