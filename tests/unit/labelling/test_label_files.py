"""What is read from files of labels, whole ones and broken ones of every kind."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from runtime.errors import Permanent
from services.labelling.boxes import Size
from services.labelling.imported.checking import checked_boxes
from services.labelling.imported.formats import open_labels
from services.labelling.imported.stated import Code, Fault, StatedBox, StatedImage
from services.labelling.imported.voc import VocArchive

BOX = StatedBox("line 1, box 1", "passport", 10, 20, 30, 40)
VOC = (
    "<annotation><filename>a.jpg</filename><size><width>640</width><height>480</height></size>"
    "<object><name>passport</name><bndbox><xmin>10</xmin><ymin>20</ymin><xmax>40</xmax><ymax>60</ymax></bndbox>"
    "</object></annotation>"
)


def read(content: bytes, keep: Callable[[], None] = lambda: None) -> list[StatedImage | Fault]:
    return [*open_labels(io.BytesIO(content), len(content), keep)]


def faults(content: bytes) -> list[str]:
    """Give the reasons of everything that could not be read, within images too."""
    return [
        fault.reason
        for entry in read(content)
        for fault in ([entry] if isinstance(entry, Fault) else entry.faults)
    ]


def line(**changes: Any) -> dict[str, Any]:
    return {
        "source-ref": "s3://bucket/photos/a.jpg",
        "boxes": {
            "image_size": [{"width": 640, "height": 480}],
            "annotations": [{"class_id": 0, "left": 10, "top": 20, "width": 30, "height": 40}],
        },
        "boxes-metadata": {"type": "groundtruth/object-detection", "class-map": {"0": "passport"}},
        **changes,
    }


def lines(*entries: Any) -> bytes:
    return "\n".join(json.dumps(entry) for entry in entries).encode()


def coco(**changes: Any) -> bytes:
    whole = {
        "images": [{"id": 1, "file_name": "train\\a.jpg", "width": 640, "height": 480}],
        "annotations": [{"image_id": 1, "category_id": 7, "bbox": [10, 20, 30.0, 40]}],
        "categories": [{"id": 7, "name": "passport"}],
    }
    return json.dumps({**whole, **changes}).encode()


def zipped(files: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        lines(line()),
        b"\xef\xbb\xbf" + lines(line()) + b"\r\n\r\n",
        coco(),
        b"\xef\xbb\xbf" + coco(),
        json.dumps(json.loads(coco()), indent=2).encode(),
        zipped({"VOC/Annotations/a.xml": VOC, "VOC/JPEGImages/a.jpg": b"\xff\xd8", "__MACOSX/a.xml": "x"}),
        zipped({"a.XML": f'<?xml version="1.0" encoding="utf-16"?>{VOC}'.encode("utf-16")}),
    ],
    ids=["manifest", "manifest-bom", "coco", "coco-bom", "coco-indented", "voc", "voc-utf16"],
)
def test_the_format_is_found_by_the_content(content: bytes) -> None:
    [image] = read(content)
    assert isinstance(image, StatedImage)
    assert (image.name, image.size, image.faults) == ("a.jpg", (640, 480), ())
    [box] = image.boxes or ()
    assert (box.label, box.left, box.top, box.width, box.height) == ("passport", 10, 20, 30, 40)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (b'{"source-ref": "s3://b/a.jpg"', "not JSON"),
        (b'{"source-ref": 1}', "names an image"),
        (b'["source-ref", "source-ref"]', "names an image"),
        (b'"source-ref" ' + b"[" * 100_000, "not JSON"),
        (b'{"source-ref": "s3://b/a.jpg", "x": "' + b"x" * 3_000_000, "longer than 1 MB"),
        (b'"source-ref" \xff\xfe', "not JSON"),
        (lines(line(boxes={"annotations": {}})), "no list"),
        (lines(line(boxes={"annotations": [1]})), "no JSON object"),
        (lines(line(boxes={"annotations": [{"class_id": 0, "left": "1"}]})), "must be numbers"),
        (lines(line(boxes={"annotations": [{"left": 1, "top": 1, "width": 1e300, "height": 1}]})), "numbers"),
        (lines(line(**{"boxes-metadata": {"type": "groundtruth/object-detection"}})), "no class '0'"),
    ],
    ids=range(11),
)
def test_a_broken_line_of_a_manifest_is_named_and_the_next_one_read(broken: bytes, said: str) -> None:
    content = broken + b"\n" + lines(line())
    assert said in faults(content)[0]
    assert isinstance(read(content)[-1], StatedImage)
    assert read(content)[-1].where == "line 2"


def test_a_line_that_nobody_has_labelled_says_nothing_about_its_image() -> None:
    failed = line(boxes=None, **{"boxes-metadata": {"failure-reason": "expired"}})
    for entry in ({"source-ref": "s3://b/a.jpg"}, failed):
        [image] = read(lines(entry))
        assert isinstance(image, StatedImage)
        assert image.boxes is None


def test_of_several_labelling_jobs_in_a_line_the_last_counts() -> None:
    adjusted = line()["boxes"] | {"annotations": []}
    metadata = line()["boxes-metadata"]
    entry = line(
        adjusted=adjusted,
        **{
            "adjusted-metadata": metadata | {"creation-date": "2026-02-01T00:00:00"},
            "boxes-metadata": metadata | {"creation-date": "2026-01-01T00:00:00"},
        },
    )
    [image] = read(lines(entry))
    assert isinstance(image, StatedImage)
    assert image.boxes == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"images": [*json.loads(coco())["images"], {"id": 1, "file_name": "b.jpg"}]}, "earlier image"),
        ({"images": [*json.loads(coco())["images"], {"file_name": "b.jpg"}]}, "An image has"),
        ({"images": [*json.loads(coco())["images"], 3]}, "An image has"),
        ({"categories": [{"id": 7, "name": "x"}, {"id": 7, "name": "y"}]}, "earlier category"),
        ({"categories": [{"id": 7}]}, "A category has"),
        (
            {"annotations": [{"image_id": 9, "category_id": 7, "bbox": [1, 1, 1, 1]}]},
            "image with the id 9",
        ),
        ({"annotations": [{"image_id": 1, "category_id": 9, "bbox": [1, 1, 1, 1]}]}, "no category 9"),
        ({"annotations": [{"image_id": 1, "category_id": 7, "bbox": [1, 1, 1]}]}, "four numbers"),
        ({"annotations": [{"image_id": 1, "category_id": 7, "bbox": [1, 1, 1, True]}]}, "four numbers"),
        ({"annotations": [{"image_id": [1], "category_id": 7, "bbox": [1, 1, 1, 1]}]}, "no image"),
        ({"annotations": [None]}, "no image"),
    ],
    ids=range(11),
)
def test_a_broken_entry_of_a_coco_document_is_named(changes: dict[str, Any], said: str) -> None:
    content = coco(**changes)
    assert any(said in reason for reason in faults(content))
    assert any(isinstance(entry, StatedImage) and entry.name == "a.jpg" for entry in read(content))


@pytest.mark.parametrize("content", [coco()[:-5], coco() + b"}", b"{", b'{"images": [}', b"{" * 200_000])
def test_a_document_that_is_not_json_to_its_end_is_refused(content: bytes) -> None:
    with pytest.raises(Permanent, match="not JSON") as caught:
        read(content)
    assert caught.value.code == "annotations-malformed"


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("", "not XML"),
        ("<annotation>", "not XML"),
        ("<html/>", "no <annotation>"),
        ("<annotation/>", "no <annotation>"),
        (VOC.replace("<xmin>10</xmin>", ""), "An object has"),
        (VOC.replace("<xmin>10", "<xmin>ten"), "An object has"),
        (VOC.replace("<xmin>10", "<xmin>nan"), "An object has"),
        (VOC.replace("<name>passport</name>", ""), "An object has"),
        (f'<!DOCTYPE annotation SYSTEM "http://example.com/voc.dtd">{VOC}', "DOCTYPE"),
        (f'<!DOCTYPE annotation [<!ENTITY x "xx"><!ENTITY y "&x;&x;">]>{VOC}', "DOCTYPE"),
        (f'<?xml version="1.0" encoding="no-such"?>{VOC}', "not XML"),
        ("<annotation>" + "<a>" * 50 + "</a>" * 50 + "</annotation>", "nested"),
        ("<annotation>" + " " * 1_100_000 + "</annotation>", "over 1 MB"),
    ],
    ids=range(13),
)
def test_a_broken_file_of_a_zip_is_named_and_the_next_one_read(broken: str, said: str) -> None:
    content = zipped({"bad.xml": broken, "good.xml": VOC})
    [reason] = faults(content)
    assert said in reason
    assert isinstance(read(content)[-1], StatedImage)


def test_a_zip_packed_otherwise_than_by_deflate_is_not_unpacked() -> None:
    assert "deflate" in faults(zipped({"a.xml": VOC}, zipfile.ZIP_LZMA))[0]


def test_damaged_bytes_in_a_zip_are_noticed() -> None:
    whole = zipped({"a.xml": VOC}, zipfile.ZIP_STORED)
    assert faults(whole.replace(b"passport", b"password")) == ["The file in the zip is damaged."]


def test_a_zip_that_unpacks_to_more_than_is_good_is_refused() -> None:
    bomb = zipped({f"{number}.xml": b"<annotation>" + b" " * 1_000_000 for number in range(3)})
    assert len([*VocArchive(io.BytesIO(bomb))]) == 3
    with pytest.raises(Permanent, match="unpacks to more"):
        [*VocArchive(io.BytesIO(bomb), max_unpacked=2_500_000)]


def test_a_zip_that_is_too_large_is_not_opened() -> None:
    with pytest.raises(Permanent, match="64 MB") as caught:
        open_labels(io.BytesIO(zipped({"a.xml": VOC})), 65 * 1024 * 1024, lambda: None)
    assert "without the images" in caught.value.advice


@pytest.mark.parametrize("content", [b"", b"<annotation/>", b"a,b,c\n1,2,3", b"\xff\xfe{\x00}\x00"])
def test_a_file_in_no_known_format_is_refused_with_the_formats_that_are(content: bytes) -> None:
    with pytest.raises(Permanent, match="no format") as caught:
        read(content)
    assert "COCO" in caught.value.advice


@pytest.mark.parametrize(
    ("box", "code", "edges"),
    [
        ((10.4, 20.6, 30, 40), None, (10, 21, 30, 40)),
        ((0, 0, 640, 480), None, (0, 0, 640, 480)),
        ((-0.4, 0, 640.7, 480.4), None, (0, 0, 640, 480)),
        ((-10, -5, 30, 40), Code.BOX_CUT, (0, 0, 20, 35)),
        ((600, 400, 100, 100), Code.BOX_CUT, (600, 400, 40, 80)),
        ((640, 10, 30, 40), Code.BOX_OUTSIDE, None),
        ((-50, 10, 50, 40), Code.BOX_OUTSIDE, None),
        ((10, 10, 0, 40), Code.BOX_WITHOUT_AREA, None),
        ((10, 10, 40, -5), Code.BOX_WITHOUT_AREA, None),
        ((10, 10, 0.3, 40), Code.BOX_WITHOUT_AREA, None),
        ((-1e9, -1e9, 2e9, 2e9), Code.BOX_CUT, (0, 0, 640, 480)),
    ],
)
def test_boxes_end_in_whole_pixels_within_their_image(
    box: tuple[float, float, float, float], code: Code | None, edges: tuple[int, ...] | None
) -> None:
    image = StatedImage("line 1", "a.jpg", None, (StatedBox("line 1, box 1", "passport", *box),))
    boxes, found = checked_boxes(image, Size(width=640, height=480), ["passport"])
    assert [fault.code for fault in found] == ([code] if code else [])
    assert [(one.left, one.top, one.width, one.height) for one in boxes] == ([edges] if edges else [])


def test_what_a_file_says_is_repeated_shortened_and_writable() -> None:
    metadata = line()["boxes-metadata"] | {"class-map": {"0": "\ud800" * 999}}
    entry = line(**{"boxes-metadata": metadata})
    [image] = read(lines(entry))
    assert isinstance(image, StatedImage)
    [fault] = checked_boxes(image, Size(width=640, height=480), ["passport"])[1]
    assert len(str(fault).encode()) < 3000


def test_a_long_coco_document_gives_signs_of_life_while_it_is_read() -> None:
    images = [{"id": number, "file_name": f"{number}.jpg"} for number in range(20_001)]
    signs: list[None] = []
    assert len(read(json.dumps({"images": images}).encode(), lambda: signs.append(None))) == 20_001
    assert len(signs) == 3
