"""Names that more than one service must derive alike.

Outside names follow from job id and attempt alone: AWS offers no client tokens for labelling jobs,
projects and versions, so "already exists" has to mean "this one is mine".
"""


def leads_group(name_prefix: str) -> str:
    """Name the user pool's group of those who lead: they command jobs, and lead their labelling."""
    return f"{name_prefix}-leads"


def images_prefix(job_id: str) -> str:
    """Give the key prefix under which a job's images are uploaded."""
    return f"images/{job_id}/"


def image_key(job_id: str, filename: str) -> str:
    """Give the S3 key of one uploaded image."""
    return images_prefix(job_id) + filename


def annotations_key(job_id: str) -> str:
    """Give the S3 key of the labels that a job was given with its images."""
    return f"imports/{job_id}/annotations"


def labelling_job_name(name_prefix: str, job_id: str, attempt: int) -> str:
    """Name a Ground Truth labelling job: at most 63 characters, lowercase, used once for ever."""
    return f"{name_prefix}-{job_id}-{attempt}"


def labelling_job_arn(partition: str, region: str, account: str, name: str) -> str:
    """Give the ARN that a labelling job of this name has, before and after it exists."""
    return f"arn:{partition}:sagemaker:{region}:{account}:labeling-job/{name}"
