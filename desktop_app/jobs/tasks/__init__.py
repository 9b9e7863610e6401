"""What the worker can do, one task a file; the module is named after the request's tag."""
