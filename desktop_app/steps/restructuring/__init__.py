"""The parts of `restructure`: which layers become what, and how what takes their place is filled."""
