"""Labelling by people in our own page, for accounts without Ground Truth."""
