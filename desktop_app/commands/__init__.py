"""The command line, one command a file; each sends requests to the worker and prints what comes back."""
