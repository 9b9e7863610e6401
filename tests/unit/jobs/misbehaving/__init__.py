"""Tasks that go wrong in every way, for the worker under test."""
