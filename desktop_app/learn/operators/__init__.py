"""One small function for each operator: it reads the attributes once and returns what computes the outputs."""
