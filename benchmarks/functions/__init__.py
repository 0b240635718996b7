"""A services folder of its own: what is deployed beside the pipeline to be measured against."""
