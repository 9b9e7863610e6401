"""What the user prefers: rows of data, and where their values are kept."""
