from typing import Any

import pytest
from pydantic import ValidationError

from contracts.http import CreateTrainingJob
from contracts.plan import TrainingOptions, TrainingPlan, require_distinct


@pytest.mark.parametrize("labels", [["passport", "Passport"], ["a", "b", "A"], ["a", "a"]])
def test_labels_that_differ_in_case_alone_are_refused(labels: list[str]) -> None:
    with pytest.raises(ValueError, match="more than upper and lower case"):
        require_distinct(labels)
    for model in (TrainingPlan, CreateTrainingJob):
        with pytest.raises(ValidationError, match="more than upper and lower case"):
            model(labels=labels)


@pytest.mark.parametrize("count", [0, 11])
def test_a_plan_has_one_to_ten_labels(count: int) -> None:
    with pytest.raises(ValidationError, match="labels"):
        TrainingPlan(labels=[f"label-{number}" for number in range(count)])


@pytest.mark.parametrize(
    ("option", "lowest", "highest", "step"),
    [
        ("min_f1", 0, 1, 0.01),
        ("inference_units", 1, 5, 1),
        ("auto_stop_after_minutes", 1, 43_200, 1),
        ("test_fraction", 0.05, 0.5, 0.01),
        ("workers_per_image", 1, 9, 1),
    ],
)
def test_options_keep_their_bounds(option: str, lowest: float, highest: float, step: float) -> None:
    def options(value: Any) -> TrainingOptions:
        return TrainingOptions.model_validate({option: value})

    for fine in (lowest, highest):
        assert getattr(options(fine), option) == fine
    for wrong in (lowest - step, highest + step, float("nan"), float("inf")):
        with pytest.raises(ValidationError, match="1 validation error"):
            options(wrong)


def test_a_user_who_asks_for_nothing_gets_a_model_that_is_deployed_and_not_stopped() -> None:
    options = TrainingOptions()
    assert (options.min_f1, options.auto_stop_after_minutes) == (None, None)
    assert (options.inference_units, options.workers_per_image, options.test_fraction) == (1, 1, 0.2)


def test_a_mistyped_member_is_told_to_its_user_but_ignored_between_services() -> None:
    assert TrainingOptions.model_validate({"minF2": 1}) == TrainingOptions()
    with pytest.raises(ValidationError, match=r"options\.minF2"):
        CreateTrainingJob.model_validate({"options": {"minF2": 1}})
