"""A directory as a cluster: one manifest a file, for people to read and for other tools to apply."""
