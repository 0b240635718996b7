from collections.abc import Callable
from pathlib import Path

import pytest

from local.service_spec import SpecError, fill, read_services
from local.stack import ROOT
from tests.local.echo_service import MANIFEST


def test_every_service_of_ours_can_be_read() -> None:
    names = [spec.service for spec in read_services(ROOT / "services")]
    assert names == ["dataset", "dataset-watcher", "deployer", "job-api", "labelling", "trainer"]


def test_the_word_on_is_a_key_and_no_boolean(make_services: Callable[..., Path]) -> None:
    (spec,) = read_services(make_services())
    assert spec.functions["events"].on == "queue"
    assert spec.queue_function == "events"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("service:", "servise:"), "servise"),
        (
            ("    memory: 128\n    routes", "    memory: 128\n    layers: [x]\n    routes"),
            "functions.api.layers",
        ),
        (("memory: 128\n    batch", "memory: lots\n    batch"), "functions.events.memory"),
        (("timeout: 7", "timeout: 901"), "functions.events.timeout"),
        (("timeout: 10", "timeout: 60"), "29 seconds at most"),
        (("batch_size: 5", "batch_size: 11"), "functions.events.batch_size"),
        (("max_concurrency: 2", "max_concurrency: 1"), "functions.events.max_concurrency"),
        (("    batch_size: 5\n", ""), "goes with 'batch_size'"),
        (("    every: tick\n", ""), "exactly one of"),
        (("    every: tick\n", "    every: tick\n    on: queue\n"), "exactly one of"),
        (("consumes: [test.thing.happened.v1]\n", "consumes: [thing]\n"), "consumes.0"),
        (("table:", "table_of: other\ntable:"), "not both"),
        (("  crumbs:", "  table:"), "a name of its own"),
        (("${prefix}-red", "${prefx}-red"), "unknown placeholders ['prefx']"),
        (("arn:${partition}", "arn:${part}"), "unknown placeholders ['part']"),
        (("echo_box.handler.on_tick", "other.handler.on_tick"), "outside services.echo_box"),
        (("service: echo-box", "service: other"), "outside services.other"),
        (("dynamodb:PutItem", "dynamodb:*"), "allow.0.actions.0"),
        (("GET /api/echo/{id}", "FETCH /api/echo"), "functions.api.routes.1"),
        (("allow:", "allow: []\nallow:"), "'allow' is given twice"),
        (("allow:", "allow: ]"), "no YAML"),
    ],
)
def test_a_wrong_service_file_is_refused_by_name_and_member(
    make_services: Callable[..., Path], change: tuple[str, str], told: str
) -> None:
    assert change[0] in MANIFEST
    root = make_services(MANIFEST.replace(*change, 1))
    with pytest.raises(SpecError) as caught:
        read_services(root)
    assert told in str(caught.value)
    assert str(root / "echo_box" / "service.yaml") in str(caught.value)


def test_a_queue_nobody_reads_is_refused(make_services: Callable[..., Path]) -> None:
    manifest = MANIFEST.replace("    on: queue\n", "    every: tick\n")
    manifest = manifest.replace("    batch_size: 5\n    max_concurrency: 2\n", "")
    with pytest.raises(SpecError, match="exactly one function 'on: queue'"):
        read_services(make_services(manifest))


def test_a_shared_table_must_be_there(make_services: Callable[..., Path]) -> None:
    start, end = MANIFEST.index("table:"), MANIFEST.index("environment:")
    manifest = MANIFEST[:start] + "table_of: nobody\n" + MANIFEST[end:]
    with pytest.raises(SpecError, match="table_of names nobody"):
        read_services(make_services(manifest))


def test_a_folder_is_named_after_its_service(make_services: Callable[..., Path]) -> None:
    root = make_services()
    (root / "echo_box").rename(root / "echo")
    with pytest.raises(SpecError, match="belongs in a folder named echo_box"):
        read_services(root)


def test_a_folder_without_services_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"no \*/service.yaml"):
        read_services(tmp_path)


def test_a_placeholder_without_a_value_is_refused() -> None:
    with pytest.raises(SpecError, match=r"nothing is known to fill \$\{table\} with"):
        fill("${prefix}/${table}", {"prefix": "p"})
