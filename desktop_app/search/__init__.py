"""Settings found for a budget: the space of choices, how candidates are judged, strategies, and what is kept of it."""
