import hashlib
import os
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from local.service_spec import read_services
from local.stack import ROOT
from tools import package
from tools.aws_clients import UnknownClientError, used_clients
from tools.dependencies import InstallError, Target, install, ships, target_named
from tools.interpreters import find_python

HOST = target_named("host")


def make_lock(folder: Path, body: str = "") -> Path:
    """Make a lock of one small distribution, which lies beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / "tiny-1.0-py3-none-any.whl"
    entries = {
        "tiny/__init__.py": "import json\n" + body,
        "tiny/tests/test_tiny.py": "assert False",
        "tiny/py.typed": "",
        "tiny-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n",
        "tiny-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "tiny-1.0.dist-info/licenses/LICENSE": "do what you like",
    }
    record = "".join(f"{name},,\n" for name in entries) + "tiny-1.0.dist-info/RECORD,,\n"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in {**entries, "tiny-1.0.dist-info/RECORD": record}.items():
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), text)
    lock = folder / "lock.txt"
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    lock.write_text(f"tiny @ {wheel.as_uri()} --hash=sha256:{digest}\n")
    return lock


@pytest.fixture
def build(make_services: Callable[..., Path], tmp_path: Path) -> Callable[..., package.Package]:
    """Build the package of the small service."""

    def build_it(
        output: str = "build", *, services: Path | None = None, target: Target = HOST
    ) -> package.Package:
        root = services or make_services()
        lock = make_lock(tmp_path / "index")
        (built,) = package.build(
            read_services(root), target, services=root, lock=lock, output=tmp_path / output
        )
        return built

    return build_it


def names(built: package.Package) -> set[str]:
    with zipfile.ZipFile(built.path) as archive:
        return set(archive.namelist())


def test_a_second_build_is_the_same_to_the_byte(build: Callable[..., package.Package]) -> None:
    assert build("one").path.read_bytes() == build("two").path.read_bytes()


def test_an_unchanged_package_is_not_written_again(build: Callable[..., package.Package]) -> None:
    first = build().path.stat()
    second = build().path.stat()
    assert (second.st_ino, second.st_mtime_ns) == (first.st_ino, first.st_mtime_ns)


def test_changed_code_makes_another_package(
    build: Callable[..., package.Package], make_services: Callable[..., Path]
) -> None:
    services = make_services()
    before = build(services=services).sha256
    (services / "echo_box" / "handler.py").write_text("def on_tick(event, context): pass\n")
    assert build(services=services).sha256 != before


def test_a_package_holds_its_service_the_shared_code_and_the_dependencies_only(
    build: Callable[..., package.Package], make_services: Callable[..., Path]
) -> None:
    services = make_services()
    (services / "other").mkdir()
    (services / "other" / "__init__.py").write_text("")
    (services / "echo_box" / "tests").mkdir()
    (services / "echo_box" / "tests" / "test_it.py").write_text("")
    inside = names(build(services=services))
    assert {name.split("/")[0] for name in inside} == {
        "contracts",
        "runtime",
        "services",
        "tiny",
        "tiny-1.0.dist-info",
    }
    assert {name for name in inside if name.startswith("services/") and name.endswith(".py")} == {
        "services/__init__.py",
        "services/echo_box/__init__.py",
        "services/echo_box/handler.py",
    }
    assert not [name for name in inside if "test" in name or "service.yaml" in name or "README" in name]
    # What `GET /openapi.json` answers, and not the events' schemas, which no function opens.
    assert [name for name in inside if "/schemas/" in name] == ["contracts/schemas/openapi.json"]


def test_records_of_the_installation_stay_out_and_licences_come_along(
    build: Callable[..., package.Package],
) -> None:
    assert {name for name in names(build()) if "dist-info" in name} == {
        "tiny-1.0.dist-info/METADATA",
        "tiny-1.0.dist-info/licenses/LICENSE",
    }


def test_entries_have_one_date_and_sorted_names_and_can_be_read_by_lambda(
    build: Callable[..., package.Package],
) -> None:
    with zipfile.ZipFile(build().path) as archive:
        entries = archive.infolist()
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert all(stat.S_IMODE(entry.external_attr >> 16) & 0o444 == 0o444 for entry in entries)


def test_byte_code_is_taken_without_looking_at_its_source(
    build: Callable[..., package.Package],
) -> None:
    with zipfile.ZipFile(build().path) as archive:
        compiled = [name for name in archive.namelist() if name.endswith(".pyc")]
        flags = {int.from_bytes(archive.read(name)[4:8], "little") for name in compiled}
        here = os.fsencode(ROOT)
        assert not [name for name in compiled if here in archive.read(name)]
    assert any(name.startswith("services/echo_box/") for name in compiled)
    assert any(name.startswith("tiny/") for name in compiled)
    assert flags == {0b01}  # made from a hash, not checked against it: PEP 552


def test_another_python_gets_the_byte_code_of_one_like_it(build: Callable[..., package.Package]) -> None:
    minor = "3.13" if sys.version_info[:2] != (3, 13) else "3.12"
    if find_python(minor) is None:
        pytest.skip(f"there is no Python {minor} on this machine")
    compiled = [name for name in names(build(target=Target("other", minor, None, "arm64"))) if ".pyc" in name]
    assert all(name.endswith(f".cpython-{minor.replace('.', '')}.pyc") for name in compiled)
    assert {"services", "runtime", "tiny"} <= {name.split("/")[0] for name in compiled}


def test_a_python_that_is_nowhere_gives_no_byte_code(build: Callable[..., package.Package]) -> None:
    other = Target("other", "3.99", None, "arm64")
    assert not [name for name in names(build(target=other)) if name.endswith(".pyc")]


def test_a_package_of_more_than_20_mb_is_refused(
    build: Callable[..., package.Package], make_services: Callable[..., Path]
) -> None:
    services = make_services()
    (services / "echo_box" / "noise.bin").write_bytes(os.urandom(21 * 1024 * 1024))
    with pytest.raises(package.PackageError, match=r"echo-box.zip has .* bytes; 20,971,520 are allowed"):
        build(services=services)


def test_a_dependency_that_is_not_what_was_locked_is_refused(tmp_path: Path) -> None:
    lock = make_lock(tmp_path)
    text = lock.read_text()
    make_lock(tmp_path, body="print('something else')\n")
    lock.write_text(text)
    with pytest.raises(InstallError, match=r"(?i)hash"):
        install(lock, HOST, tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())


def test_dependencies_are_installed_once_for_a_lock(tmp_path: Path) -> None:
    lock = make_lock(tmp_path)
    first = install(lock, HOST, tmp_path / "out")
    marker = first / "marker"
    marker.touch()
    assert install(lock, HOST, tmp_path / "out") == first
    assert marker.exists()
    make_lock(tmp_path, body="print('newer')\n")
    assert install(lock, HOST, tmp_path / "out") != first
    assert not first.exists()


def test_clients_are_found_however_they_are_made() -> None:
    sources = {
        "one.py": 'import boto3\nboto3.client("sns")\nboto3.Session().client(service_name="s3")',
        "two.py": "from aws_lambda_powertools.utilities.parameters import SSMProvider",
    }
    assert used_clients(sources) == {"sns", "s3", "ssm", "secretsmanager", "appconfigdata", "dynamodb"}


def test_a_client_whose_service_cannot_be_read_is_refused() -> None:
    with pytest.raises(UnknownClientError, match=r"it\.py:2: write the service's name as a literal"):
        used_clients({"it.py": "\nboto3.client(name)"})


def test_boto3_resources_are_refused_for_their_models_are_not_shipped() -> None:
    with pytest.raises(UnknownClientError, match=r"it\.py:1: packages hold no resource models; use a client"):
        used_clients({"it.py": "boto3.resource('s3')"})


@pytest.mark.parametrize(
    "shipped",
    [
        "botocore/data/s3/2006-03-01/service-2.json.gz",
        "botocore/data/endpoints.json",
        "botocore/data/partitions.json",
        "botocore/data/sdk-default-configuration.json",
        "botocore/data/_retry.json",
        "botocore/cacert.pem",
        "botocore/__pycache__/session.cpython-311.pyc",
        "pydantic_core/_pydantic_core.cpython-313-aarch64-linux-gnu.so",
        "pydantic-2.14.3.dist-info/METADATA",
    ],
)
def test_what_is_opened_at_run_time_is_shipped(shipped: str) -> None:
    assert ships(PurePosixPath(shipped), frozenset({"s3"}))


@pytest.mark.parametrize(
    "left_out",
    [
        "botocore/data/ec2/2016-11-15/service-2.json.gz",
        "boto3/data/ec2/2016-11-15/resources-1.json",
        "boto3/examples/s3.rst",
        "bin/jp.py",
        "pydantic/main.pyi",
        "pydantic-2.14.3.dist-info/RECORD",
        "tiny/tests/__pycache__/test_it.cpython-311.pyc",
    ],
)
def test_dead_weight_is_left_out(left_out: str) -> None:
    assert not ships(PurePosixPath(left_out), frozenset({"s3"}))


IMPORT_ALL = """
import importlib, sys
sys.path.insert(0, sys.argv[1])
for handler in sys.argv[2].split(","):
    module, _, function = handler.rpartition(".")
    assert callable(getattr(importlib.import_module(module), function))
import boto3
assert boto3.__file__.startswith(sys.argv[1])
for service in sys.argv[3].split(","):
    boto3.client(service, region_name="eu-west-1")
assert not boto3.Session().get_available_services().count("ec2")
"""


def test_our_packages_work_in_a_python_that_has_nothing_else(tmp_path: Path) -> None:
    specs = read_services(ROOT / "services")
    for spec, built in zip(specs, package.build(specs, HOST, output=ROOT / "build"), strict=True):
        assert built.size < 15e6
        home = tmp_path / spec.service
        with zipfile.ZipFile(built.path) as archive:
            archive.extractall(home)
        sources = {str(path): path.read_text() for path in (home / "services").rglob("*.py")}
        clients = used_clients(sources) | {"sns"}
        handlers = ",".join(function.handler for function in spec.functions.values())
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", IMPORT_ALL, str(home), handlers, ",".join(clients)],
            capture_output=True,
            text=True,
            env={"AWS_EC2_METADATA_DISABLED": "true"},
            check=False,
        )
        assert done.returncode == 0, f"{spec.service}: {done.stderr}"
