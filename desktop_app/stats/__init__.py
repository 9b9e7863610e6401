"""What the data says of a model: streaming statistics of activations, in one pass for all who ask."""
