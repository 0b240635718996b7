"""The manual says what the code does."""

import dataclasses
from pathlib import Path

from simulator.core.options import Choices
from simulator.document import PAGE, render
from simulator.rekognition import coverage as rekognition
from simulator.sagemaker import coverage as sagemaker
from tests.simulator.conftest import Lab

ROOT = Path(__file__).parents[2]


def test_the_manual_is_up_to_date() -> None:
    assert (ROOT / PAGE).read_text() == render(), "run: python -m simulator.document"


def test_every_operation_is_in_the_manual_and_the_other_way_round(lab: Lab) -> None:
    services = {service.name: service for service in lab.simulator.gateway.services}
    assert set(services["sagemaker"].operations) == set(sagemaker.OPERATIONS)
    assert set(services["rekognition"].operations) == set(rekognition.OPERATIONS)


def test_every_choice_is_in_the_table_of_open_questions() -> None:
    switches = " ".join(row.switch for row in (*sagemaker.UNCONFIRMED, *rekognition.UNCONFIRMED))
    assert [field.name for field in dataclasses.fields(Choices) if f"`{field.name}`" not in switches] == []
