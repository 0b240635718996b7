"""Thin plumbing under the services; it knows the contracts and no business word."""
