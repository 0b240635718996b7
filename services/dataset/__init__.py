"""Turns labels into a train and a test dataset of Custom Labels."""
