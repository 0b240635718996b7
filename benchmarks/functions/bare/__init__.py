"""Functions that do the least that can be done where the pipeline's do their work."""
