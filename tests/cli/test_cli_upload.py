"""Uploading: resumes, retries, and says what did not arrive."""

from collections.abc import Callable, Sequence
from pathlib import Path

import httpx
import pytest

from cli.client import PipelineApi
from cli.storage import ImageStore, PutFailed
from cli.uploading import Upload
from contracts.http import UploadUrl, UploadUrls
from contracts.stages import JobStatus
from tests.cli.conftest import Cli
from tests.cli.fake_api import NOON, FakeApi

MakeImages = Callable[[Sequence[str]], Path]


def test_every_image_arrives_whole(ekyc: Cli, api: FakeApi, images: MakeImages) -> None:
    job_id = api.add_job()
    folder = images(["a.jpg", "b b.JPEG", "c.png"])
    ran = ekyc("upload", job_id, folder, "--json")
    assert ran.exit_code == 0
    assert api.arrived(job_id) == {"a.jpg", "b b.JPEG", "c.png"}
    assert api.images[f"{job_id}/c.png"] == b"c.png"
    assert (ran.json["uploaded"], ran.json["complete"]) == (3, True)


def test_a_second_run_sends_only_what_is_missing(ekyc: Cli, api: FakeApi, images: MakeImages) -> None:
    job_id = api.add_job()
    ekyc("upload", job_id, images(["a.jpg", "b.jpg"]))
    ran = ekyc("upload", job_id, images(["c.jpg"]))
    assert ran.exit_code == 0
    assert ran.stdout == "Images uploaded: 1; there already: 2\n"
    assert sorted(api.put_attempts) == ["a.jpg", "b.jpg", "c.jpg"]


def test_another_image_of_the_same_name_does_not_pass_for_this_one(
    ekyc: Cli, api: FakeApi, images: MakeImages
) -> None:
    job_id = api.add_job()
    api.images[f"{job_id}/a.jpg"] = b"the first page of a passport"
    ran = ekyc("upload", job_id, images(["a.jpg", "b.jpg"]), "--json")
    assert (ran.exit_code, ran.json["uploaded"], ran.json["alreadyThere"]) == (5, 1, 0)
    [failed] = ran.json["notUploaded"]
    assert failed["filename"] == "a.jpg"
    assert "28 bytes where this file has 5: rename the file" in failed["reason"]
    assert api.images[f"{job_id}/a.jpg"] == b"the first page of a passport"


def test_an_expired_url_is_renewed_within_the_run(ekyc: Cli, api: FakeApi, images: MakeImages) -> None:
    job_id = api.add_job()
    api.put_faults["b.jpg"] = [403]
    ran = ekyc("upload", job_id, images(["a.jpg", "b.jpg"]), "--json")
    assert (ran.exit_code, ran.json["uploaded"]) == (0, 2)
    assert api.url_calls == [2, 1]


def test_an_image_that_arrived_though_its_put_failed_counts_as_uploaded(
    ekyc: Cli, api: FakeApi, images: MakeImages
) -> None:
    job_id = api.add_job()
    api.put_faults["b.jpg"] = [403]
    api.on_put = lambda name: api.images.update({f"{job_id}/{name}": name.encode()})
    ran = ekyc("upload", job_id, images(["a.jpg", "b.jpg"]), "--json")
    assert (ran.exit_code, ran.json["uploaded"], ran.json["alreadyThere"]) == (0, 2, 0)


def test_what_never_arrives_is_named_with_the_reason_and_the_rest_goes_on(
    ekyc: Cli, api: FakeApi, images: MakeImages
) -> None:
    job_id = api.add_job()
    api.put_faults["b.jpg"] = [403] * 99
    folder = images(["a.jpg", "b.jpg", "c.jpg"])
    ran = ekyc("upload", job_id, folder)
    assert ran.exit_code == 5
    assert "b.jpg: the store answered 403: Request has expired" in ran.stdout
    assert api.arrived(job_id) == {"a.jpg", "c.jpg"}
    api.put_faults.clear()
    assert ekyc("upload", job_id, folder).exit_code == 0


def test_names_that_cannot_be_used_are_listed_and_other_files_left_alone(
    ekyc: Cli, api: FakeApi, images: MakeImages
) -> None:
    job_id = api.add_job()
    ran = ekyc("upload", job_id, images(["a.jpg", "ä.jpg", "c.webp", "notes.txt", "._a.jpg"]), "--json")
    assert ran.exit_code == 5
    assert [image["filename"] for image in ran.json["notUploaded"]] == ["c.webp", "ä.jpg"]
    assert ran.json["otherFiles"] == 2
    assert api.arrived(job_id) == {"a.jpg"}


def test_urls_are_asked_for_a_thousand_at_a_time(ekyc: Cli, api: FakeApi, images: MakeImages) -> None:
    job_id = api.add_job()
    names = [f"{number:04}.jpg" for number in range(1001)]
    api.images.update({f"{job_id}/{name}": name.encode() for name in names})
    ran = ekyc("upload", job_id, images(names), "--json")
    assert sorted(api.url_calls) == [1, 1000]
    assert (ran.exit_code, ran.json["alreadyThere"]) == (0, 1001)


def test_a_store_that_takes_nothing_ends_the_upload_early(api: FakeApi) -> None:
    job_id = api.add_job()
    done: list[int] = []

    def put(url: str, path: Path) -> None:
        raise PutFailed("the store is on fire")

    with PipelineApi(api.url) as client:
        upload = Upload(client, job_id, Path("images"), put, done.append)
        report = upload.run((f"{number:04}.jpg" for number in range(1001)), parallel=2)
    assert report.stopped == "none of 1000 images in a row arrived"
    assert len(report.failed) == sum(done) == 1000
    assert api.url_calls == [1000] * 3


def test_a_server_cannot_choose_which_files_are_read(api: FakeApi) -> None:
    """One that answers with a name nobody asked for gets nothing for it."""
    sent: list[Path] = []
    secret = UploadUrl(filename="../secret.jpg", url=f"{api.url}/store/x/y", expires_at=NOON)

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=UploadUrls(urls=[secret], refused=[]).model_dump_json())

    with PipelineApi(api.url, transport=httpx.MockTransport(answer)) as client:
        upload = Upload(client, api.add_job(), Path("images"), lambda url, path: sent.append(path), print)
        report = upload.run(["a.jpg"], parallel=1)
    assert not sent
    assert [(image.filename, image.reason) for image in report.failed] == [
        ("a.jpg", "the API gave no URL for it")
    ]


def test_a_job_that_has_started_takes_no_images(ekyc: Cli, api: FakeApi, images: MakeImages) -> None:
    ran = ekyc("upload", api.add_job(JobStatus.TRAINING), images(["a.jpg"]), "--json")
    assert ran.exit_code == 1
    assert ran.json["error"]["code"] == "job-started"


def test_a_missing_folder_is_a_usage_error(ekyc: Cli, api: FakeApi) -> None:
    assert ekyc("upload", api.add_job(), "nowhere").exit_code == 2
    assert not api.calls


def store(handler: Callable[[httpx.Request], httpx.Response], waits: list[float]) -> ImageStore:
    return ImageStore(parallel=1, transport=httpx.MockTransport(handler), sleep=waits.append)


def test_a_put_that_fails_on_the_way_is_repeated_from_the_files_beginning(images: MakeImages) -> None:
    path = images(["a.jpg"]) / "a.jpg"
    bodies: list[bytes] = []
    waits: list[float] = []

    def handle(request: httpx.Request) -> httpx.Response:
        bodies.append(request.read())
        if len(bodies) == 1:
            raise httpx.WriteError("broken pipe")
        return httpx.Response(503 if len(bodies) == 2 else 200)

    with store(handler=handle, waits=waits) as images_store:
        images_store.put("http://s3.test/a", path)
    assert bodies == [b"a.jpg"] * 3
    assert len(waits) == 2


def test_a_file_that_vanished_fails_alone(images: MakeImages) -> None:
    missing = images([]) / "gone.jpg"
    with (
        store(lambda request: httpx.Response(200), []) as images_store,
        pytest.raises(PutFailed, match="cannot be read: No such file"),
    ):
        images_store.put("http://s3.test/a", missing)
