"""Ground Truth bounding-box labelling jobs and work teams."""
