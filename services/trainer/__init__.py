"""Trains the model when the account's quota allows it."""
