"""Tools of the repository: packaging and generated files."""
