"""The command line of the pipeline: a client of its HTTP API, and of the model once it runs."""
