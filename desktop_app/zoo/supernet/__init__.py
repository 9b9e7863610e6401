"""Nets of the families beyond the published ones: what they look like, which there are, and one net that holds all."""
