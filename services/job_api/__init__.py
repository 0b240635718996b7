"""The HTTP API, and the read model and history of every job."""
