"""Builds the zip of each service's functions: `python -m tools.package --target aws|host|docker`.

A zip holds the service's own folder, `contracts`, `runtime` and the locked dependencies, nothing else, and is
the same to the byte whenever it is built from the same files by the same Python. It holds byte code too where
there is a Python of the target's version to make it.
"""

import argparse
import hashlib
import shutil
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from local.service_spec import ServiceSpec, SpecError, read_services
from tools.aws_clients import UnknownClientError, used_clients
from tools.dependencies import InstallError, Target, compile_folder, install, ships, target_named
from tools.interpreters import Python, find_python
from tools.lock import locked

ROOT = Path(__file__).resolve().parent.parent
SHARED = ("contracts", "runtime")
LARGEST = 20 * 1024 * 1024

# The earliest date a zip can hold; the files' own would make each build another file.
_DATE = (1980, 1, 1, 0, 0, 0)
# The highest level saves a tenth and takes four times as long.
_LEVEL = 3
_LEFT_OUT = {"__pycache__", "tests"}
# For others' programs: ours have the models that these are written from. One is answered by the API itself.
_SCHEMAS = PurePosixPath("contracts/schemas")
_ANSWERED = _SCHEMAS / "openapi.json"

_Files: TypeAlias = Mapping[PurePosixPath, Path]


class PackageError(RuntimeError):
    """A package could not be built; the message says why."""


@dataclass(frozen=True)
class Package:
    """A built zip."""

    service: str
    path: Path
    size: int
    sha256: str


def build(
    specs: Sequence[ServiceSpec],
    target: Target,
    *,
    services: Path = ROOT / "services",
    lock: Path = ROOT / "requirements" / "lambda.txt",
    output: Path = ROOT / "build",
) -> tuple[Package, ...]:
    """Build the zips of these services below `output`/packages/<target>.

    Raises:
        PackageError: A package is larger than 20 MB, or makes a client that cannot be told by reading it.
        InstallError: The dependencies could not be installed.
    """
    folder = output / "packages" / target.name
    # Two stacks that start at once want the same packages.
    compiler = find_python(target.python)
    with locked(output / "lock"), tempfile.TemporaryDirectory(dir=output) as scratch:
        theirs = dict(_files(install(lock, target, output / "dependencies", compiler)))
        folder.mkdir(parents=True, exist_ok=True)
        own = dict(_files(_own_tree(specs, services, Path(scratch), compiler)))
        return tuple(_build_one(spec, own, theirs, folder) for spec in specs)


def _own_tree(specs: Sequence[ServiceSpec], services: Path, scratch: Path, compiler: Python | None) -> Path:
    """Copy our own code to one tree and compile it there, so that the working tree stays as it is."""
    packages = {*SHARED, *(name for spec in specs for name in spec.includes)}
    ignored = shutil.ignore_patterns(*_LEFT_OUT, "README.md", "service.yaml")
    for name in sorted(packages):
        shutil.copytree(ROOT / name, scratch / name, ignore=ignored)
    (scratch / "services").mkdir()
    shutil.copy(services / "__init__.py", scratch / "services")
    for spec in specs:
        shutil.copytree(services / spec.folder, scratch / "services" / spec.folder, ignore=ignored)
    if compiler:
        compile_folder(scratch, compiler)
    return scratch


def _build_one(spec: ServiceSpec, own: _Files, theirs: _Files, folder: Path) -> Package:
    mine = {name: path for name, path in own.items() if _belongs(name, spec)}
    sources = {str(name): path.read_text("utf-8") for name, path in mine.items() if name.suffix == ".py"}
    try:
        clients = used_clients(sources)
    except UnknownClientError as error:
        raise PackageError(str(error)) from error
    path = folder / f"{spec.service}.zip"
    _write(path, {**{name: theirs[name] for name in theirs if ships(name, clients)}, **mine})
    size = path.stat().st_size
    if size > LARGEST:
        raise PackageError(
            f"{path.name} has {size:,} bytes; {LARGEST:,} are allowed, to keep cold starts short"
        )
    return Package(spec.service, path, size, hashlib.sha256(path.read_bytes()).hexdigest())


def _belongs(name: PurePosixPath, spec: ServiceSpec) -> bool:
    """Tell whether a file of ours is part of a service's package; of `services` that is its folder alone."""
    if name.parts[0] != "services":
        is_shared = name.parts[0] in (*SHARED, *spec.includes)
        return is_shared and (_SCHEMAS not in name.parents or name == _ANSWERED)
    return name.parts[1] == spec.folder or len(name.parts) == 2 or name.parts[1] == "__pycache__"


def _files(folder: Path) -> Iterator[tuple[PurePosixPath, Path]]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield PurePosixPath(path.relative_to(folder).as_posix()), path


def _write(path: Path, files: _Files) -> None:
    contents = {name: files[name].read_bytes() for name in sorted(files, key=str)}
    key = _key(contents)
    if path.exists() and _key_of(path) == key:
        return
    scratch = path.with_suffix(".part")
    with zipfile.ZipFile(scratch, "w") as archive:
        archive.comment = key
        for name, content in contents.items():
            entry = zipfile.ZipInfo(str(name), _DATE)
            entry.create_system = 3  # Unix, wherever it is built
            entry.external_attr = (0o100755 if name.suffix == ".so" else 0o100644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content, compresslevel=_LEVEL)
    scratch.replace(path)


def _key(contents: Mapping[PurePosixPath, bytes]) -> bytes:
    """Sum up what goes into a zip; kept in its comment, so that an unchanged one is not packed again."""
    digest = hashlib.sha256(f"{zlib.ZLIB_RUNTIME_VERSION} {_LEVEL}".encode())
    for name, content in contents.items():
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest().encode()


def _key_of(path: Path) -> bytes:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.comment
    except zipfile.BadZipFile:
        return b""


def main(arguments: Sequence[str] | None = None) -> int:
    """Build what the command line asks for and print name, size and SHA-256 of each zip."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.package", description="Build the zips of the functions."
    )
    parser.add_argument(
        "--target", choices=("aws", "host", "docker"), default="aws", help="what they will run on"
    )
    parser.add_argument("service", nargs="*", help="services to build; all, if none is named")
    chosen = parser.parse_args(arguments)
    try:
        specs = read_services(ROOT / "services")
        unknown = set(chosen.service) - {spec.service for spec in specs}
        if unknown:
            raise PackageError(f"no service {sorted(unknown)}; there are {[spec.service for spec in specs]}")
        wanted = [spec for spec in specs if not chosen.service or spec.service in chosen.service]
        target = target_named(chosen.target)
        packages = build(wanted, target)
    except (PackageError, InstallError, SpecError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for package in packages:
        name = package.path.relative_to(ROOT)
        sys.stdout.write(f"{name}  {package.size / 1e6:.1f} MB  sha256 {package.sha256}\n")
    if find_python(target.python) is None:
        sys.stderr.write(
            f"There is no Python {target.python} here, so the zips hold no byte code and a cold start takes "
            "half a second more. Install it and build again.\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
