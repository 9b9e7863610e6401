"""The parts of `quantize_weights`: in what forms a weight can be stored, what each loses, and which is taken."""
