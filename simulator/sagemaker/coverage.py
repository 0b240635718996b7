"""What is simulated of SageMaker, for `docs/simulator.md`."""

from simulator.core.coverage import Coverage, Unconfirmed

_API = "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_"

OPERATIONS = {
    "CreateLabelingJob": Coverage(
        "Names are burnt for ever and ignore case (`ResourceInUse`). Manifest, template and label "
        "categories must "
        "exist. Built-in bounding box functions of the region, private or vendor team of the same region and "
        "account, time limits, reserved attribute names. The job then reads its input: manifest rules, "
        "label rules, "
        "image heads, CORS of the images' buckets.",
        "Other task types, automated labelling, streaming jobs, whether the role can be assumed.",
        _API + "CreateLabelingJob.html",
    ),
    "DescribeLabelingJob": Coverage(
        "Counters move as objects are labelled; `LabelingJobOutput` appears at the end; error "
        "`ResourceNotFound`.",
        "Active learning models.",
        _API + "DescribeLabelingJob.html",
    ),
    "StopLabelingJob": Coverage(
        "Stopping, then Stopped; what was labelled is written, the rest stays as it came.",
        "",
        _API + "StopLabelingJob.html",
    ),
    "ListLabelingJobs": Coverage("All filters, sorting, pages.", "", _API + "ListLabelingJobs.html"),
    "ListLabelingJobsForWorkteam": Coverage(
        "Filters, sorting, pages, counters.", "", _API + "ListLabelingJobsForWorkteam.html"
    ),
    "CreateWorkteam": Coverage(
        "Unique names, 25 teams.", "Cognito and OIDC members are not looked up.", _API + "CreateWorkteam.html"
    ),
    "DescribeWorkteam": Coverage("What was given at creation.", "", _API + "DescribeWorkteam.html"),
    "ListWorkteams": Coverage("Filter, sorting, pages.", "", _API + "ListWorkteams.html"),
    "DeleteWorkteam": Coverage("Refused while a job uses the team.", "", _API + "DeleteWorkteam.html"),
    "AddTags": Coverage("Labelling jobs and work teams, 50 tags.", "Other resources.", _API + "AddTags.html"),
    "ListTags": Coverage("Pages.", "Other resources.", _API + "ListTags.html"),
}

UNCONFIRMED = (
    Unconfirmed(
        "What does an account that never used Ground Truth get, now that it is closed to new customers?",
        "The simulated account is an old customer.",
        "`ground_truth_closed`: CreateLabelingJob answers AccessDeniedException",
    ),
    Unconfirmed(
        "Must a private work team exist when a job names it?",
        "No: local stacks have no Cognito to make one with.",
        "`require_workteam`: ValidationException unless CreateWorkteam made it",
    ),
    Unconfirmed(
        "What becomes of tasks whose images lie in a bucket without CORS?",
        "Workers cannot open them: the objects expire, and the log says why.",
        "`require_cors`: false lets them be labelled",
    ),
    Unconfirmed("The public work team ARN, now that Mechanical Turk is gone?", "ValidationException."),
    Unconfirmed("Stopping a job that has ended?", "Harmless, nothing changes."),
    Unconfirmed("Which status follows a stopping condition?", "Stopping, then Stopped."),
    Unconfirmed("Is `LabelingJobOutput` there before the end?", "No."),
    Unconfirmed("Is the job's name lower-cased in its ARN?", "Yes; S3 paths keep it as given."),
    Unconfirmed(
        "Which keys has the metadata of a failed object?",
        "`failure-reason` (begins with `ClientError: Annotation tasks expired`), `job-name`, `type`, "
        "`human-annotated`, `creation-date`.",
    ),
    Unconfirmed(
        "A worker that cannot say what is on an image?",
        "Every worker declines it, so that it expires at once; tasks nobody takes expire after "
        "TaskAvailabilityLifetimeInSeconds.",
    ),
    Unconfirmed("How many labelling jobs run at a time?", "20.", "`--quota running_labelling_jobs=…`"),
    Unconfirmed(
        "How do workers' confidences come about?", "Agreement of the workers times overlap, 0.01 to 0.99."
    ),
    Unconfirmed("API rates of SageMaker?", "None."),
)
