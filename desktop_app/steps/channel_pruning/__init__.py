"""The parts of `prune_channels`: which channels go, and how their readers are refitted."""
