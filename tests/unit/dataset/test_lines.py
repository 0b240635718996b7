"""What becomes of one line of the labellers' manifest."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dataset.lines import Expected, UsableLine, judge
from services.dataset.reasons import Reason
from services.dataset.unusable import Unusable
from tests.support.manifest_lines import ATTRIBUTE, CLASSES, IMAGES, a_box, a_line, an_expired_line

EXPECTED = Expected(images=IMAGES, attribute=ATTRIBUTE, labels=CLASSES, undated="2026-11-22T12:00:00.000000")
METADATA = f"{ATTRIBUTE}-metadata"


def judged(line: dict[str, Any]) -> UsableLine:
    return judge(json.dumps(line).encode(), EXPECTED)


def written(line: dict[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(judged(line).text)
    return document


def boxes(line: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = written(line)[ATTRIBUTE]["annotations"]
    return found


def refused(line: dict[str, Any] | bytes) -> Unusable:
    with pytest.raises(Unusable) as caught:
        judge(line if isinstance(line, bytes) else json.dumps(line).encode(), EXPECTED)
    return caught.value


def without(line: dict[str, Any], member: str) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name != member}


def test_a_good_line_keeps_all_that_custom_labels_reads() -> None:
    line = a_line("a.jpg", a_box("passport"), a_box("id-card", left=0, top=0))
    assert written(line) == {
        "source-ref": IMAGES + "a.jpg",
        ATTRIBUTE: line[ATTRIBUTE],
        METADATA: without(line[METADATA], "job-name"),
    }


def test_what_other_tools_left_in_a_line_is_not_passed_on() -> None:
    line = a_line() | {"camera": "x", "first-look": 7, "first-look-metadata": {"type": "groundtruth/other"}}
    line[METADATA]["adjustment-status"] = "adjusted"
    line[ATTRIBUTE]["annotations"][0]["note"] = "blurred"
    assert written(line) == written(a_line())


def test_a_line_says_which_labels_it_shows() -> None:
    assert judged(a_line("a.jpg", a_box("passport"))).label_set == 0b01
    assert judged(a_line("a.jpg", a_box("id-card"), a_box("id-card"))).label_set == 0b10
    assert judged(a_line("a.jpg", a_box("id-card"), a_box("passport"))).label_set == 0b11


def test_classes_are_numbered_as_the_job_orders_its_document_types() -> None:
    line = a_line("a.jpg", a_box() | {"class_id": 17}, class_map={"17": "id-card"})
    assert boxes(line)[0]["class_id"] == 1
    assert written(line)[METADATA]["class-map"] == {"1": "id-card"}


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"\xff\xfe{}",
        b"[1]",
        b'"text"',
        b"[" * 100_000,
        b"1" * 5_000,
        b'{"source-ref": "s3://b/k"} x',
    ],
    ids=["empty", "cut", "not-utf8", "list", "text", "brackets", "digits", "trailing"],
)
def test_what_is_no_json_object_is_left_out(line: bytes) -> None:
    assert refused(line).reason is Reason.NOT_JSON


@pytest.mark.parametrize("source", [None, "", 7, ["s3://b/k"]])
def test_a_line_must_name_an_image(source: object) -> None:
    assert refused(a_line() | {"source-ref": source}).reason is Reason.NO_IMAGE
    assert refused(without(a_line(), "source-ref")).reason is Reason.NO_IMAGE


@pytest.mark.parametrize(
    "source",
    [
        "s3://another-bucket/images/a.jpg",
        IMAGES.replace("ekyc-images", "ekyc-images-2") + "a.jpg",
        IMAGES.replace("/images/", "/labelling/") + "a.jpg",
        "https://ekyc-images.s3.amazonaws.com/a.jpg",
        IMAGES,
    ],
)
def test_an_image_that_is_not_the_jobs_own_is_left_out(source: str) -> None:
    unusable = refused(a_line() | {"source-ref": source})
    assert (unusable.reason, unusable.image) == (Reason.FOREIGN_IMAGE, source)


def test_an_image_of_another_job_is_said_to_be_one_whatever_else_is_wrong() -> None:
    assert refused({"source-ref": "s3://another-bucket/a.jpg"}).reason is Reason.FOREIGN_IMAGE
    assert refused(an_expired_line() | {"source-ref": "s3://b/a.jpg"}).reason is Reason.FOREIGN_IMAGE


def test_half_a_surrogate_pair_does_no_harm_where_nobody_looks() -> None:
    assert written(a_line() | {"notes": "\ud800"}) == written(a_line())


@pytest.mark.parametrize("attribute", ['boxes "drawn"', "boxes 100 %", "boxes {0}", "Käfige"])
def test_an_attribute_of_any_name_is_written_well(attribute: str) -> None:
    expected = Expected(IMAGES, attribute, CLASSES, EXPECTED.undated)
    line = a_line()
    named = {
        "source-ref": line["source-ref"],
        attribute: line[ATTRIBUTE],
        f"{attribute}-metadata": line[METADATA],
    }
    document = json.loads(judge(json.dumps(named).encode(), expected).text)
    assert document[attribute] == line[ATTRIBUTE]
    assert f"{attribute}-metadata" in document


def test_an_expired_image_is_left_out_with_ground_truths_reason() -> None:
    unusable = refused(an_expired_line())
    assert unusable.reason is Reason.LABELLING_FAILED
    assert unusable.detail.startswith("ClientError: Annotation tasks expired")


def test_an_image_that_nobody_reached_is_told_from_one_that_failed() -> None:
    assert refused({"source-ref": IMAGES + "a.jpg"}).reason is Reason.NEVER_LABELLED


@pytest.mark.parametrize("metadata", [None, [], "yes"])
def test_labels_without_metadata_are_left_out(metadata: object) -> None:
    assert refused(a_line() | {METADATA: metadata}).reason is Reason.MALFORMED


@pytest.mark.parametrize("type_", ["groundtruth/image-classification", None, 3])
def test_labels_of_another_kind_are_left_out(type_: object) -> None:
    assert refused(a_line(type=type_)).reason is Reason.OTHER_LABELLING


def test_an_image_without_a_document_is_told_apart() -> None:
    # As Ground Truth writes it: the metadata is there, all of it empty.
    line = a_line(annotations=[], objects=[], class_map={})
    assert refused(line).reason is Reason.NO_DOCUMENT


def test_a_box_of_an_unexplained_class_takes_its_image_along() -> None:
    assert refused(a_line("a.jpg", a_box(), a_box(class_id=9))).reason is Reason.UNKNOWN_CLASS
    assert refused(a_line("a.jpg", a_box(class_id=None))).reason is Reason.UNKNOWN_CLASS
    assert refused(a_line("a.jpg", a_box(class_id="0"))).reason is Reason.UNKNOWN_CLASS
    assert refused(a_line("a.jpg", without(a_box(), "class_id"))).detail == "class_id None"


def test_a_box_of_a_foreign_label_is_left_out_alone() -> None:
    line = a_line("a.jpg", a_box(), a_box(class_id=5), class_map={"0": "passport", "5": "receipt"})
    assert [box["class_id"] for box in boxes(line)] == [0]
    [left_out] = judged(line).left_out
    assert left_out.reason is Reason.OTHER_LABEL
    assert "receipt" in left_out.detail


@pytest.mark.parametrize(
    ("sides", "kept"),
    [
        ({"left": -5, "width": 100}, {"left": 0, "width": 95}),
        ({"top": -5, "height": 100}, {"top": 0, "height": 95}),
        ({"left": 1000, "width": 100}, {"left": 1000, "width": 24}),
        ({"top": 700, "height": 100}, {"top": 700, "height": 68}),
        ({"left": -9, "top": -9, "width": 9000, "height": 9000}, {"left": 0, "width": 1024, "height": 768}),
        ({"left": 10.6, "width": 20.2}, {"left": 11, "width": 20}),
    ],
)
def test_a_box_that_hangs_over_the_edge_is_cut(sides: dict[str, float], kept: dict[str, int]) -> None:
    line = a_line("a.jpg", a_box(**sides))
    [box] = boxes(line)
    assert {name: box[name] for name in kept} == kept
    assert judged(line).trimmed == ("left" not in sides or sides["left"] != 10.6)


@pytest.mark.parametrize(
    ("sides", "reason"),
    [
        ({"left": 1024}, Reason.BOX_OUTSIDE),
        ({"left": -600, "width": 600}, Reason.BOX_OUTSIDE),
        ({"top": 768}, Reason.BOX_OUTSIDE),
        ({"top": -403}, Reason.BOX_OUTSIDE),
        ({"left": 1023}, Reason.BOX_TOO_SMALL),
        ({"width": 1}, Reason.BOX_TOO_SMALL),
        ({"width": 0}, Reason.BOX_TOO_SMALL),
        ({"height": -20}, Reason.BOX_TOO_SMALL),
    ],
)
def test_a_box_of_which_too_little_is_in_the_image_is_left_out(sides: dict[str, int], reason: Reason) -> None:
    line = a_line("a.jpg", a_box(**sides), a_box("id-card"))
    assert [box["class_id"] for box in boxes(line)] == [1]
    assert [box.reason for box in judged(line).left_out] == [reason]
    assert len(written(line)[METADATA]["objects"]) == 1


@pytest.mark.parametrize(("side", "usable"), [(3, False), (4, True)])
def test_a_box_must_survive_the_scaling_down_to_1280_pixels(side: int, usable: bool) -> None:
    size = [{"width": 4000, "height": 3000, "depth": 3}]  # 4 pixels become 1.28, 3 become 0.96
    line = a_line("a.jpg", a_box(width=side), image_size=size)
    if usable:
        assert boxes(line)[0]["width"] == side
    else:
        assert refused(line).reason is Reason.NO_USABLE_BOX


def test_an_image_none_of_whose_boxes_is_usable_is_left_out_with_them() -> None:
    unusable = refused(a_line("a.jpg", a_box(width=1), a_box(left=5000)))
    assert unusable.reason is Reason.NO_USABLE_BOX
    assert [box.reason for box in unusable.boxes] == [Reason.BOX_TOO_SMALL, Reason.BOX_OUTSIDE]


@pytest.mark.parametrize("side", [None, "12", True, [], "NaN"])
def test_a_box_whose_sides_are_no_numbers_takes_its_image_along(side: object) -> None:
    assert refused(a_line("a.jpg", a_box(left=side), a_box())).reason is Reason.MALFORMED


@pytest.mark.parametrize("side", ["NaN", "Infinity", "1e999", "9" * 400])
def test_numbers_beyond_all_measure_do_no_harm(side: str) -> None:
    line = json.dumps(a_line("a.jpg", a_box(left="SIDE"))).replace('"SIDE"', side).encode()
    assert refused(line).reason is Reason.MALFORMED


@pytest.mark.parametrize(("number", "usable"), [(50, True), (51, False)])
def test_an_image_may_have_fifty_boxes(number: int, usable: bool) -> None:
    line = a_line("a.jpg", *[a_box(left=left) for left in range(number)])
    if usable:
        assert len(boxes(line)) == 50
    else:
        assert refused(line).reason is Reason.TOO_MANY_BOXES


@pytest.mark.parametrize(
    "objects", [None, [], [{"confidence": 0.9}], [{}, {}], "x", [{"confidence": "high"}, {"confidence": 7}]]
)
def test_a_missing_confidence_is_added(objects: object) -> None:
    found = written(a_line("a.jpg", a_box(), a_box("id-card"), objects=objects))[METADATA]["objects"]
    first = 0.9 if objects == [{"confidence": 0.9}] else 0
    assert found == [{"confidence": first}, {"confidence": 0}]


def test_confidences_stay_with_their_boxes_when_one_is_left_out() -> None:
    line = a_line("a.jpg", a_box(width=1), a_box(), objects=[{"confidence": 0.1}, {"confidence": 0.8}])
    assert written(line)[METADATA]["objects"] == [{"confidence": 0.8}]


@pytest.mark.parametrize("date", [None, "yesterday", 5])
def test_a_line_without_a_date_gets_the_jobs(date: object) -> None:
    assert written(a_line(creation_date=date))[METADATA]["creation-date"] == EXPECTED.undated


def test_who_labelled_is_kept_and_filled_in() -> None:
    assert written(a_line(human_annotated="no"))[METADATA]["human-annotated"] == "no"
    assert written(a_line(human_annotated=None))[METADATA]["human-annotated"] == "yes"


@pytest.mark.parametrize(
    "size",
    [None, [], {}, [{"width": 1024}], [{"width": "1024", "height": 768}], [{"width": 1, "height": 1}] * 2],
)
def test_labels_without_the_images_size_are_left_out(size: object) -> None:
    assert refused(a_line(image_size=size)).reason is Reason.MALFORMED


@pytest.mark.parametrize(
    ("width", "height", "usable"),
    [
        (64, 64, True),
        (63, 640, False),
        (4096, 4096, True),
        (4097, 640, False),
        (1281, 64, False),
        (0, 0, False),
    ],
)
def test_the_image_must_have_a_size_that_custom_labels_takes(width: int, height: int, usable: bool) -> None:
    line = a_line(
        "a.jpg", a_box(left=0, top=0, width=60, height=60), image_size=[{"width": width, "height": height}]
    )
    if usable:
        assert written(line)[ATTRIBUTE]["image_size"] == [{"width": width, "height": height, "depth": 3}]
    else:
        assert refused(line).reason is Reason.IMAGE_SIZE


@pytest.mark.parametrize("class_map", [None, [], {"0": 5}])
def test_a_class_map_that_gives_no_names_takes_its_line_along(class_map: object) -> None:
    assert refused(a_line(class_map=class_map)).reason is Reason.MALFORMED


def test_a_line_too_long_for_custom_labels_is_left_out() -> None:
    assert refused(a_line("a" * 100_000 + ".jpg")).reason is Reason.LINE_TOO_LONG


def test_padding_alone_makes_no_line_too_long() -> None:
    assert written(a_line() | {"notes": "x" * 200_000}) == written(a_line())


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
MEMBERS = st.sampled_from(["image_size", "annotations", "objects", "class_map", "type", "creation_date"])


@given(
    replaced=st.dictionaries(MEMBERS, JSON, min_size=1, max_size=3),
    box=st.dictionaries(st.sampled_from(["class_id", "left", "top", "width", "height"]), JSON, max_size=2),
)
def test_whatever_stands_in_a_line_it_is_written_well_or_left_out(
    replaced: dict[str, Any], box: dict[str, Any]
) -> None:
    line = a_line("a.jpg", a_box(**box))
    try:
        usable = judge(json.dumps(a_line("a.jpg", a_box(**box), **replaced)).encode(), EXPECTED)
    except Unusable:
        return
    document = json.loads(usable.text)
    assert list(document) == list(line)
    size = document[ATTRIBUTE]["image_size"][0]
    for annotation in document[ATTRIBUTE]["annotations"]:
        assert 0 <= annotation["left"] < annotation["left"] + annotation["width"] <= size["width"]
        assert 0 <= annotation["top"] < annotation["top"] + annotation["height"] <= size["height"]
        assert str(annotation["class_id"]) in document[METADATA]["class-map"]
