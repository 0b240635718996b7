"""Rekognition Custom Labels: projects, datasets, models and detection."""
