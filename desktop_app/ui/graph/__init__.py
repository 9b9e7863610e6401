"""The model as a graph: what is open and how it is drawn (state), what boxes say (looks), and the view of it."""
