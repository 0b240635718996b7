"""`ekyc start`: from uploaded images to labelling and all that follows."""

from cli.options import ApiOption, JobArgument, JsonOption
from cli.session import session
from cli.terminal import fold


def start(job: JobArgument, api: ApiOption = None, as_json: JsonOption = False) -> None:
    """Start the pipeline for a job whose images are uploaded; it takes no more images then."""
    with session(api, as_json=as_json) as here:
        started = here.api.start(job)
        here.terminal.result(started, fold(started.status))
        if started.labelling_job_arn:
            here.terminal.note(f"The labelling job is {started.labelling_job_arn}")
        here.terminal.note(f"Follow it: ekyc watch {job}")
