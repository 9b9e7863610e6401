"""How a graph of boxes is laid out in layers, group by group (ADR 0039). What takes long yields, often."""
