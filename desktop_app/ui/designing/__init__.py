"""A student that is designed for a limit of time, as the window knows it."""
