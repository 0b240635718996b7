"""Whether Custom Labels can train on a split, and what the user can do when it cannot."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.facts import LabelSplit, LeftOut
from runtime.errors import Permanent

_MAX_BYTES = 1_000_000_000
_SMALL_REGIONS = frozenset({"ap-south-1", "eu-west-2"})
_MIN_OVERLAP = 0.5
_ADVICE = (
    "Make a new job with more images of every document type; the details say what could not be used here."
)


@dataclass(frozen=True)
class ManifestSize:
    """How large a manifest is."""

    lines: int
    bytes: int


@dataclass(frozen=True)
class LineLimits:
    """How many lines a manifest may have."""

    train: int
    test: int


def line_limits(region: str) -> LineLimits:
    """Give a region's limits: two regions have less room than the others (limits)."""
    return LineLimits(28_000, 7_000) if region in _SMALL_REGIONS else LineLimits(250_000, 250_000)


def require_trainable(
    train: ManifestSize,
    test: ManifestSize,
    split: Sequence[LabelSplit],
    limits: LineLimits,
    details: Sequence[str],
) -> None:
    """Refuse what Custom Labels would refuse, only sooner and in clearer words.

    Args:
        train: the manifest to train on.
        test: the manifest to test with.
        split: images of each label in both.
        limits: of the region.
        details: what was left out, for the user.

    Raises:
        Permanent: says what is lacking or too much.
    """
    images = train.lines + test.lines
    if images == 0:
        raise Permanent("no-usable-image", "None of the labelled images can be used.", _ADVICE, details)
    if images == 1:
        raise Permanent(
            "too-few-images",
            "Only one labelled image can be used: a model needs one to train on and another to test with.",
            _ADVICE,
            details,
        )
    _require_overlap(split, details)
    for name, size, most in (("train", train, limits.train), ("test", test, limits.test)):
        if size.lines > most or size.bytes > _MAX_BYTES:
            raise Permanent(
                "too-many-images",
                f"The {name} manifest would have {size.lines:,} lines and {size.bytes:,} bytes; "
                f"in this region Custom Labels takes {most:,} lines and {_MAX_BYTES:,} bytes.",
                "Make a new job with fewer images.",
            )


def describe(left_out: Sequence[LeftOut], report: str | None) -> list[str]:
    """Tell in a line each what was left out, and where the whole list is."""
    lines = [
        f"{case.count} x {case.code}: {case.reason} E.g. {', '.join(case.examples[:3])}" for case in left_out
    ]
    return [*lines, f"Every case: {report}"] if report else lines


def _require_overlap(split: Sequence[LabelSplit], details: Sequence[str]) -> None:
    """Require tests for half of the labels: below, training fails (tm-debugging-aggregate-errors)."""
    trained = [label for label in split if label.train]
    untested = [label.label for label in trained if not label.test]
    if len(trained) - len(untested) < _MIN_OVERLAP * len(trained):
        raise Permanent(
            "too-few-examples",
            f"No usable image is left to test {', '.join(untested)} with: at least half of the document "
            "types need one image to train on and another to test with.",
            _ADVICE,
            details,
        )
