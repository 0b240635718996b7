"""The zip of each service's functions, as it is deployed to AWS."""

import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from benchmarks.figures import Figure, Row
from benchmarks.pairs import Pair
from benchmarks.surroundings import Surroundings
from local.service_spec import read_services
from tools.dependencies import target_named
from tools.package import ROOT, SHARED, build

_OURS = (*SHARED, "services")
_LISTED = 4


def measure(given: Surroundings) -> Iterator[Figure]:
    """Build the zips and compare each with what it holds of others."""
    packages = build(read_services(ROOT / "services"), target_named("aws"))
    largest = max(packages, key=lambda package: package.size)
    for package in packages:
        with zipfile.ZipFile(package.path) as archive:
            entries = archive.infolist()
        note = f"the largest: {_told(entries, package.path)}" if package is largest else ""
        theirs = _size([entry for entry in entries if not _is_ours(entry)])
        pair = Pair(package.size / 1e6, theirs / 1e6)
        yield Figure.ratio(package.service, [pair], aim=1.05, of="MB", note=note)


def _told(entries: Sequence[zipfile.ZipInfo], path: Path) -> str:
    """Say what fills a zip most, in megabytes."""
    parts = filling(entries).most_common(_LISTED)
    return f"{path.stat().st_size / 1e6:.2f} MB, of which " + ", ".join(
        f"{name} {size / 1e6:.2f}" for name, size in parts
    )


def filling(entries: Sequence[zipfile.ZipInfo]) -> Counter[str]:
    """Give the bytes that each package of a zip takes up; of botocore's data, each service's."""
    sizes: Counter[str] = Counter()
    for entry in entries:
        sizes[_package(PurePosixPath(entry.filename))] += _size([entry])
    return sizes


def _package(name: PurePosixPath) -> str:
    if name.parts[0] in _OURS:
        return "our own code"
    if name.parts[:2] == ("botocore", "data"):
        return "botocore's models"
    return name.parts[0].split("-")[0]


def _is_ours(entry: zipfile.ZipInfo) -> bool:
    return PurePosixPath(entry.filename).parts[0] in _OURS


def _size(entries: Sequence[zipfile.ZipInfo]) -> int:
    """Sum up what entries take up, their names in a zip's two directories included."""
    headers = zipfile.sizeFileHeader + zipfile.sizeCentralDir  # type: ignore[attr-defined]
    return sum(entry.compress_size + headers + 2 * len(entry.filename.encode()) for entry in entries)


ROW = Row(
    what="the zip of a service, as `make package` builds it for AWS",
    baseline="what is in it of the locked dependencies, stripped, and of botocore's models its own clients'",
    measure=measure,
)
