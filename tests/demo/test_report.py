"""The report holds everything it shows, and shows what happened."""

import json
import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from cli.detecting import Box, Detection
from contracts.http import History, HistoryEntry
from contracts.stages import JobStatus
from demo.evaluation import judge
from demo.material import Material, from_files
from demo.report import MOST_IMAGES, bars, render, write_report
from demo.result import Result, Step, pipeline_steps
from tests.cli.fake_api import NOON, FakeApi, at
from tests.demo.material_files import bring_images, write_coco


@pytest.fixture
def material(tmp_path: Path) -> Material:
    document = bring_images(tmp_path / "images", count=20, names=("passport", "visa"))
    return from_files(tmp_path / "images", write_coco(tmp_path / "coco.json", document), seed=1)


def result_of(material: Material, detections: dict[str, list[Detection]]) -> Result:
    api = FakeApi()
    job = at(api.jobs[api.add_job(labels=list(material.labels), name="<script>")], JobStatus.STOPPED)
    entry = HistoryEntry(
        id="1", type="ekyc.model.trained.v1", source="/ekyc/trainer", time=NOON, attempt=1, data={}
    )
    steps = (Step("Getting the images", NOON - timedelta(seconds=60), NOON), *pipeline_steps(job))
    judgements = {name: judge(truths, detections.get(name, [])) for name, truths in material.check.items()}
    return Result(material, job, History(job_id=job.job_id, events=[entry]), steps, judgements)


def perfect(material: Material) -> dict[str, list[Detection]]:
    return {
        name: [Detection(truth.label, 95.0, truth.box) for truth in truths]
        for name, truths in material.check.items()
    }


def test_the_page_needs_nothing_from_outside(material: Material) -> None:
    page = render(result_of(material, perfect(material)))
    assert not re.findall(r"""(?:src|href)=["'](?!data:)|url\(|@import|<script""", page)
    assert page.count("<figure") == len(material.check) == 4
    assert page.count("data:image/jpeg;base64,") == 8


def test_the_headline_is_what_was_found(material: Material) -> None:
    found = perfect(material)
    found.pop(next(iter(found)))
    page = render(result_of(material, found))
    assert "3 of 4 documents found" in page
    assert "missed" in page


def test_the_worst_images_come_first(material: Material) -> None:
    found = perfect(material)
    worst = max(found)
    found[worst] = [Detection("visa", 50, Box(0.9, 0.9, 0.05, 0.05))]
    names = re.findall(r'class="name">([^<]+)<', render(result_of(material, found)))
    assert names[0] == worst
    assert names[1:] == sorted(set(found) - {worst})


def test_names_are_shown_as_text(material: Material) -> None:
    page = render(result_of(material, {next(iter(material.check)): [Detection("<b>", 50, Box(0, 0, 1, 1))]}))
    assert "&lt;b&gt; 50 %" in page
    assert "<b> 50" not in page


def test_a_long_check_is_cut_and_says_so(material: Material) -> None:
    result = result_of(material, {})
    judgement = next(iter(result.judgements.values()))
    name = next(iter(material.check))
    many = {f"copy {number}.jpg": judgement for number in range(MOST_IMAGES + 3)}
    for copy in many:
        shutil.copy(material.folder / name, material.folder / copy)
    page = render(Result(material, result.job, result.history, result.steps, many))
    assert page.count("<figure") == MOST_IMAGES
    assert "3 more images" in page


def test_the_timeline_spans_the_whole_run() -> None:
    steps = (
        Step("a", NOON, NOON + timedelta(seconds=10)),
        Step("b", NOON + timedelta(seconds=30), NOON + timedelta(seconds=40)),
    )
    assert [(bar.offset, bar.length) for bar in bars(steps)] == [(0, 25), (75, 25)]
    assert bars(()) == []


def test_the_stages_of_the_job_are_in_the_timeline(material: Material) -> None:
    titles = [step.title for step in result_of(material, {}).steps]
    assert titles == ["Getting the images", "Labelling", "Dataset creation", "Training", "Deployment"]


def test_the_json_report_has_the_figures_and_every_box(material: Material, tmp_path: Path) -> None:
    path = write_report(result_of(material, perfect(material)), tmp_path / "out")
    assert path == tmp_path / "out" / "report.html"
    told = json.loads((tmp_path / "out" / "report.json").read_text())
    assert told["check"]["overall"] == {
        "documents": 4,
        "found": 4,
        "falseAlarms": 0,
        "precision": 1.0,
        "recall": 1.0,
        "f1": 1.0,
    }
    assert set(told["check"]["images"]) == set(material.check)
    assert told["check"]["labels"]["visa"]["documents"] == 2
    assert told["material"]["training"] == 16
