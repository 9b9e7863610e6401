"""The parts of `clean`: what is folded, what is dropped."""
