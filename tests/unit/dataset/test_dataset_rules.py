"""Whether a split can be trained on."""

import pytest

from contracts.facts import LabelSplit, LeftOut
from runtime.errors import Permanent
from services.dataset.rules import LineLimits, ManifestSize, describe, line_limits, require_trainable

LIMITS = line_limits("eu-west-1")


def refusal(
    train: int = 8,
    test: int = 2,
    *,
    split: dict[str, tuple[int, int]] | None = None,
    limits: LineLimits = LIMITS,
) -> Permanent:
    with pytest.raises(Permanent) as caught:
        check(train, test, split=split, limits=limits)
    return caught.value


def check(
    train: int = 8,
    test: int = 2,
    *,
    split: dict[str, tuple[int, int]] | None = None,
    limits: LineLimits = LIMITS,
    line_bytes: int = 500,
) -> None:
    require_trainable(
        ManifestSize(train, train * line_bytes),
        ManifestSize(test, test * line_bytes),
        [
            LabelSplit(label=label, train=trained, test=tested)
            for label, (trained, tested) in (split or {"passport": (train, test)}).items()
        ],
        limits,
        ["3 x no-document: ..."],
    )


def test_a_common_split_is_fine() -> None:
    check()


def test_no_image_at_all_is_refused_with_what_became_of_them() -> None:
    refused = refusal(0, 0)
    assert refused.code == "no-usable-image"
    assert refused.details == ("3 x no-document: ...",)


def test_one_image_is_refused() -> None:
    assert refusal(1, 0).code == "too-few-images"


def test_single_images_of_every_type_are_refused() -> None:
    refused = refusal(2, 0, split={"passport": (1, 0), "id-card": (1, 0)})
    assert refused.code == "too-few-examples"
    assert "passport, id-card" in refused.reason


def test_half_of_the_trained_types_must_be_tested() -> None:
    check(split={"passport": (9, 1), "id-card": (1, 0)})
    assert refusal(split={"passport": (9, 1), "id-card": (1, 0), "visa": (1, 0)}).code == "too-few-examples"


def test_a_type_that_no_image_shows_stops_nothing() -> None:
    check(split={"passport": (9, 1), "id-card": (0, 0), "visa": (0, 0)})


def test_the_smaller_regions_take_fewer_lines() -> None:
    check(28_001, 7_000)
    assert refusal(28_001, 7_000, limits=line_limits("ap-south-1")).code == "too-many-images"
    assert refusal(28_000, 7_001, limits=line_limits("eu-west-2")).code == "too-many-images"


def test_a_manifest_beyond_a_gigabyte_is_refused() -> None:
    check(200_000, 1_000, line_bytes=5_000)
    with pytest.raises(Permanent, match="too-many-images"):
        check(200_001, 1_000, line_bytes=5_000)


def test_what_was_left_out_is_told_in_a_line_each() -> None:
    left_out = LeftOut(
        code="no-document", reason="No document.", count=7, examples=["a.jpg", "b.jpg", "c", "d"]
    )
    assert describe([left_out], "s3://bucket/report.jsonl") == [
        "7 x no-document: No document. E.g. a.jpg, b.jpg, c",
        "Every case: s3://bucket/report.jsonl",
    ]
