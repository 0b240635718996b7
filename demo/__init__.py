"""Data for trying the pipeline: synthetic identity documents of no real country and no real person."""
