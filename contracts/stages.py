"""The four pieces of work a job passes through, and the states it shows meanwhile."""

from enum import StrEnum


class Stage(StrEnum):
    """A piece of work that one service is answerable for."""

    LABELLING = "labelling"
    DATASET = "dataset"
    TRAINING = "training"
    DEPLOYMENT = "deployment"


class JobStatus(StrEnum):
    """Where a training job stands."""

    CREATED = "CREATED"
    LABELLING = "LABELLING"
    CREATING_DATASET = "CREATING_DATASET"
    TRAINING = "TRAINING"
    DEPLOYING = "DEPLOYING"
    RUNNING = "RUNNING"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"
    REJECTED = "REJECTED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
