"""A student that is built rather than given: a supernet taught by the user's model, and each of its nets alone."""
