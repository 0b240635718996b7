"""Starts and stops the model."""
