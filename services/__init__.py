"""One folder, one deployable; no service imports another."""
