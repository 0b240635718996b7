"""A job that nobody wants any more: no dataset is made, none is waited for, none is told of."""

from tests.integration.dataset.conftest import Bench
from tests.support.builders import JOB, types_of
from tests.support.events import job_cancelled


def test_a_cancellation_before_its_job_is_remembered(bench: Bench) -> None:
    bench.dataset.cancel(job_cancelled())
    bench.restarted()
    bench.dataset.begin(bench.complete())
    bench.dataset.begin(bench.complete(attempt=2))
    bench.tick()
    assert (bench.rekognition.projects, bench.world.published()) == ({}, [])


def test_datasets_that_are_being_made_are_not_told_of_when_they_are_ready(bench: Bench) -> None:
    bench.dataset.begin(bench.complete())
    bench.dataset.cancel(job_cancelled())
    bench.finish()
    bench.watch()
    bench.tick()
    assert types_of(bench.world.published()) == ["DatasetCreationStarted"]


def test_a_preparation_under_way_asks_rekognition_for_nothing(bench: Bench) -> None:
    other = bench.restarted()
    bench.on_call("s3.PutObject", lambda: other.cancel(job_cancelled()))
    bench.restarted()
    bench.dataset.begin(bench.complete())
    bench.forget_hooks()
    bench.tick()
    assert (bench.rekognition.projects, bench.world.published()) == ({}, [])


def test_a_look_of_the_watcher_that_is_overtaken_tells_nothing(bench: Bench) -> None:
    bench.dataset.begin(bench.complete())
    bench.finish()
    bench.rekognition.around = lambda: bench.dataset.cancel(job_cancelled(JOB))
    bench.watch()
    bench.watch()
    assert types_of(bench.world.published()) == ["DatasetCreationStarted"]
