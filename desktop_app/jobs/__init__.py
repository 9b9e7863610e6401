"""Work outside the window's process: messages, the worker, its tasks named by string."""
