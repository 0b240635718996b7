"""What is simulated of Rekognition Custom Labels, for `docs/simulator.md`."""

from simulator.core.coverage import Coverage, Unconfirmed

_API = "https://docs.aws.amazon.com/rekognition/latest/APIReference/API_"
_GUIDE = "https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/"

OPERATIONS = {
    "CreateProject": Coverage(
        "Unique names, 100 projects.", "Content moderation adapters.", _API + "CreateProject.html"
    ),
    "DescribeProjects": Coverage(
        "Names, pages, datasets with their status; newest first.", "", _API + "DescribeProjects.html"
    ),
    "DeleteProject": Coverage("Refused while there are models or datasets.", "", _API + "DeleteProject.html"),
    "CreateDataset": Coverage(
        "From a manifest, as a copy, or empty; one of each type in a project. Terminal file errors fail "
        "it, bad "
        "lines vanish up to 20 %, other errors are kept in the entries. Images are judged by their bytes "
        "in S3.",
        "",
        _GUIDE + "debugging-datasets.html",
    ),
    "DescribeDataset": Coverage(
        "Status of the last operation, statistics.", "", _API + "DescribeDataset.html"
    ),
    "UpdateDatasetEntries": Coverage(
        "Known images are replaced, new ones added; less than 5 MB; refused while the dataset is busy.",
        "",
        _API + "UpdateDatasetEntries.html",
    ),
    "ListDatasetEntries": Coverage(
        "All filters, pages, `errors` and `warnings` where they belong, `cl-metadata`.",
        "",
        _API + "ListDatasetEntries.html",
    ),
    "ListDatasetLabels": Coverage("Images and boxes for each label.", "", _API + "ListDatasetLabels.html"),
    "DistributeDatasetEntries": Coverage(
        "Moves a fifth of each label from TRAIN to an empty TEST; fails when a label has one image.",
        "",
        _API + "DistributeDatasetEntries.html",
    ),
    "DeleteDataset": Coverage(
        "Refused while the dataset is busy or trained on.", "", _API + "DeleteDataset.html"
    ),
    "CreateProjectVersion": Coverage(
        "On the project's datasets, or on manifests given with the call (AutoCreate too). All aggregate "
        "errors, "
        "manifest summary, both manifests with validation, both snapshots, evaluation summary. A real "
        "detector is "
        "trained; thresholds and F1 come from the TEST set. 2 trainings at a time, 100 models in a project.",
        "No label is dropped for want of images.",
        _GUIDE + "tm-debugging.html",
    ),
    "DescribeProjectVersions": Coverage(
        "Newest first, by name, pages; botocore's waiters work.", "", _API + "DescribeProjectVersions.html"
    ),
    "StartProjectVersion": Coverage(
        "2 running models, 5 inference units; from TRAINING_COMPLETED, COPYING_COMPLETED and STOPPED.",
        "Autoscaling between the units is instantaneous.",
        _API + "StartProjectVersion.html",
    ),
    "StopProjectVersion": Coverage("From RUNNING.", "", _API + "StopProjectVersion.html"),
    "DeleteProjectVersion": Coverage(
        "Refused while training, copying, starting, running or stopping.",
        "",
        _API + "DeleteProjectVersion.html",
    ),
    "CopyProjectVersion": Coverage(
        "Within an account and region; 5 at a time.",
        "Other accounts (project policies).",
        _API + "CopyProjectVersion.html",
    ),
    "DetectCustomLabels": Coverage(
        "Bytes and S3 objects, limits of both; each label's own threshold unless MinConfidence is given; "
        "boxes as "
        "ratios, best first; capacity of the running units.",
        "Polygons.",
        _API + "DetectCustomLabels.html",
    ),
    "TagResource": Coverage("Projects, datasets, models; 200 tags.", "", _API + "TagResource.html"),
    "UntagResource": Coverage("Keys that are not there are ignored.", "", _API + "UntagResource.html"),
    "ListTagsForResource": Coverage("", "", _API + "ListTagsForResource.html"),
}

UNCONFIRMED = (
    Unconfirmed(
        "Can a project without a TEST dataset be trained?",
        "No: InvalidParameterException (one page of the guide wants one, another splits).",
        "`require_test_dataset`: false splits a fifth off",
    ),
    Unconfirmed(
        "How many labels does a detection model need?",
        "One (the guide's history); other pages say two.",
        "`minimum_labels`",
    ),
    Unconfirmed(
        "Can a model that FAILED to start be started again?",
        "No: ResourceInUseException; delete it.",
        "`restart_failed_models`",
    ),
    Unconfirmed(
        "Which error has a state that forbids a call?",
        "ResourceInUseException, the only such error that is declared; ResourceNotReadyException for "
        "listings of "
        "busy datasets and for DetectCustomLabels.",
    ),
    Unconfirmed(
        "Which error has a value outside the service model's limits?",
        "ValidationException naming every breach; InvalidParameterException for what the model cannot "
        "express.",
    ),
    Unconfirmed("Does CREATE_FAILED take an update?", "No: delete the dataset."),
    Unconfirmed("How few images can be distributed or split?", "Two for each label."),
    Unconfirmed(
        "A manifest that is missing?",
        "InvalidS3ObjectException at once; one that may not be read fails the dataset later.",
    ),
    Unconfirmed("A manifest key without a file extension?", "The dataset or training fails."),
    Unconfirmed("An empty manifest?", "ERROR_EMPTY_MANIFEST fails the dataset."),
    Unconfirmed(
        "Are `error_json_line_indices` counted from 0 or 1?", "From 1: the page calls them line numbers."
    ),
    Unconfirmed(
        "Do `errors` lists in dataset entries carry that name?",
        "Yes, as the API reference says; one example of the guide shows `cl-errors`.",
    ),
    Unconfirmed(
        "Does a missing confidence, an unknown class or a long label lose the line or the box?", "The line."
    ),
    Unconfirmed("Which image size must boxes fit?", "The line's own `image_size`."),
    Unconfirmed(
        "How is the aggregate F1 made?",
        "Harmonic mean of the labels' average precision and average recall, labels without test images "
        "left out.",
    ),
    Unconfirmed(
        "Where is a label's threshold?", "Half-way between the last box let in and the first kept out."
    ),
    Unconfirmed(
        "Images beyond 4096 pixels, under 64 or longer than 20:1 in DetectCustomLabels?",
        "ImageTooLargeException for the first, InvalidParameterException for the others.",
    ),
    Unconfirmed(
        "How many images a second does an inference unit manage?",
        "5, an old figure of AWS's.",
        "`--quota images_per_second_per_unit=…`",
    ),
    Unconfirmed("What is billed for a training?", "Its simulated duration at speed 1, when it succeeds."),
)
