"""A net that is made for a limit of time: which architectures there are, what they take here, and which does best."""
