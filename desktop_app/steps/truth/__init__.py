"""What a change of one layer alone costs the whole model."""
