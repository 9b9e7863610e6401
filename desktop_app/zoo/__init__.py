"""Families of models that are taught from the start: the table (no torch), and how each is built and exported."""
