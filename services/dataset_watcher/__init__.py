"""Looks on a schedule whether Rekognition has created the datasets."""
