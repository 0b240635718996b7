"""The three flat document designs, drawn as they would come from the printer, before any camera sees them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import cv2
import numpy as np
from cv2.typing import MatLike

from demo.documents_content import Holder, card_lines, invent_holder, passport_lines
from demo.documents_drawing import Colour, Pen, colour_of, guilloche, portrait, signature, wash

CARD_SIZE = (1000, 631)  # ID-1, 85.6 x 54 mm
PAGE_SIZE = (1000, 704)  # ID-3, 125 x 88 mm

_INK: Colour = (42, 34, 30)
_FAINT: Colour = (110, 96, 88)


@dataclass(frozen=True)
class FlatDocument:
    """A document seen from straight above: BGR pixels and the radius of its rounded corners, in pixels."""

    pixels: MatLike
    corner_radius: int


def draw_document(label: str, rng: np.random.Generator) -> FlatDocument:
    """Draw one document of the given type (a key of DESIGNS); raises KeyError for any other."""
    return DESIGNS[label](invent_holder(rng), rng)


def _passport(holder: Holder, rng: np.random.Generator) -> FlatDocument:
    """A data page: a portrait on the left, fields beside it, two machine-readable lines below."""
    width, height = PAGE_SIZE
    hue = float(rng.choice([0.08, 0.55, 0.62])) + float(rng.normal(0, 0.02))
    page = wash(PAGE_SIZE, colour_of(hue, 0.10, 0.95), colour_of(hue + 0.12, 0.17, 0.90), rng)
    guilloche(page, colour_of(hue + 0.05, 0.38, 0.74), rng, curves=34)
    pen = Pen(page)
    cv2.rectangle(page, (0, 0), (width, 74), colour_of(hue, 0.62, 0.36), -1)
    pen.write(f"PASSPORT   {holder.state}", (34, 52), 38, (235, 232, 228), weight=600)
    pen.write(holder.code, (880, 52), 36, (235, 232, 228), weight=600)
    _place(page, portrait((262, 340), rng), (40, 116))
    _fields(
        pen,
        (
            ("Type / Code", f"P     {holder.code}", (338, 120)),
            ("Passport No.", holder.number, (690, 120)),
            ("Surname", holder.surname, (338, 196)),
            ("Given names", holder.given_names, (338, 272)),
            ("Nationality", holder.state.split()[-1], (338, 348)),
            ("Date of birth", f"{holder.born:%d %b %Y}".upper(), (690, 348)),
            ("Sex", holder.sex, (338, 424)),
            ("Place of birth", holder.birthplace, (470, 424)),
            ("Date of issue", f"{holder.issued:%d %b %Y}".upper(), (338, 500)),
            ("Date of expiry", f"{holder.expires:%d %b %Y}".upper(), (690, 500)),
        ),
        value_size=31,
    )
    signature(page, (60, 500), 210, rng)
    _seal(page, (900, 230), colour_of(hue + 0.03, 0.5, 0.6), rng)
    cv2.rectangle(page, (0, 574), (width, height), colour_of(hue, 0.04, 0.95), -1)
    for line, baseline in zip(passport_lines(holder), (626, 678), strict=True):
        pen.write_monospaced(line, (30, baseline), 34, 21.4, _INK)
    return FlatDocument(page, corner_radius=16)


def _id_card(holder: Holder, rng: np.random.Generator) -> FlatDocument:
    """A card with a contact chip on the left, the portrait on the right and three machine-readable lines."""
    width, height = CARD_SIZE
    hue = float(rng.choice([0.33, 0.42, 0.50])) + float(rng.normal(0, 0.02))
    card = wash(CARD_SIZE, colour_of(hue, 0.24, 0.93), colour_of(hue - 0.18, 0.20, 0.95), rng)
    guilloche(card, colour_of(hue, 0.45, 0.72), rng, curves=22)
    pen = Pen(card)
    pen.write("IDENTITY CARD", (40, 62), 44, colour_of(hue, 0.8, 0.34), weight=750)
    pen.write(holder.state, (40, 100), 27, colour_of(hue, 0.7, 0.40), weight=500)
    cv2.line(card, (40, 116), (width - 40, 116), colour_of(hue, 0.7, 0.45), 4, cv2.LINE_AA)
    _chip(card, (52, 170))
    _place(card, portrait((222, 286), rng), (width - 268, 142))
    _fields(
        pen,
        (
            ("Surname", holder.surname, (226, 146)),
            ("Given names", holder.given_names, (226, 222)),
            ("Date of birth", f"{holder.born:%d.%m.%Y}", (226, 298)),
            ("Sex", holder.sex, (466, 298)),
            ("Card number", holder.number, (226, 374)),
            ("Expires", f"{holder.expires:%d.%m.%Y}", (466, 374)),
        ),
        value_size=30,
    )
    cv2.rectangle(card, (0, 468), (width, height), (244, 246, 244), -1)
    for line, baseline in zip(card_lines(holder), (512, 558, 604), strict=True):
        pen.write_monospaced(line, (36, baseline), 41, 31.0, _INK)
    return FlatDocument(card, corner_radius=38)


def _driving_licence(holder: Holder, rng: np.random.Generator) -> FlatDocument:
    """A card with a coloured band, numbered fields, the portrait on the left and a row of vehicle classes."""
    width = CARD_SIZE[0]
    hue = float(rng.choice([0.92, 0.97, 0.03])) + float(rng.normal(0, 0.015))
    card = wash(CARD_SIZE, colour_of(hue, 0.20, 0.97), colour_of(hue + 0.06, 0.34, 0.93), rng)
    guilloche(card, colour_of(hue, 0.42, 0.84), rng, curves=26)
    pen = Pen(card)
    cv2.rectangle(card, (0, 0), (width, 92), colour_of(hue + 0.5, 0.55, 0.42), -1)
    cv2.rectangle(card, (34, 18), (124, 74), colour_of(0.14, 0.75, 0.92), -1)
    pen.write(holder.code, (44, 58), 33, colour_of(hue + 0.5, 0.7, 0.30), weight=800)
    pen.write("DRIVING LICENCE", (156, 62), 46, (246, 244, 240), weight=750)
    _place(card, portrait((236, 306), rng), (40, 128))
    entries = (
        f"1.  {holder.surname}",
        f"2.  {holder.given_names}",
        f"3.  {holder.born:%d.%m.%Y}  {holder.birthplace}",
        f"4a. {holder.issued:%d.%m.%Y}    4b. {holder.expires:%d.%m.%Y}",
        f"4c. {holder.state.split()[-1]} ROADS OFFICE",
        f"5.  {holder.number}",
    )
    for place, entry in enumerate(entries):
        pen.write(entry, (310, 164 + place * 52), 31, _INK, weight=560)
    signature(card, (330, 462), 240, rng)
    pen.write("7.", (310, 476), 27, _FAINT)
    _vehicle_classes(card, pen, colour_of(hue, 0.5, 0.62), rng)
    cv2.circle(card, (880, 440), 62, colour_of(hue + 0.08, 0.30, 0.88), -1, cv2.LINE_AA)
    _place(card, cv2.resize(portrait((236, 306), rng), (66, 86), interpolation=cv2.INTER_AREA), (848, 396))
    return FlatDocument(card, corner_radius=38)


def _fields(pen: Pen, fields: tuple[tuple[str, str, tuple[int, int]], ...], *, value_size: int) -> None:
    for caption, value, (x, y) in fields:
        pen.write(caption, (x, y + 14), 18, _FAINT)
        pen.write(value, (x, y + 50), value_size, _INK, weight=560)


def _vehicle_classes(card: MatLike, pen: Pen, colour: Colour, rng: np.random.Generator) -> None:
    """The table of vehicle classes along the bottom edge, some of them granted."""
    for place, name in enumerate(("AM", "A", "B", "BE", "C", "D", "T")):
        left = 40 + place * 132
        cv2.rectangle(card, (left, 536), (left + 126, 602), colour, 2, cv2.LINE_AA)
        pen.write(name, (left + 10, 582), 32, _INK, weight=700)
        if rng.random() < 0.5:
            cv2.rectangle(card, (left + 70, 554), (left + 114, 586), colour, -1)


def _chip(card: MatLike, corner: tuple[int, int]) -> None:
    """A gold contact chip with its eight fields."""
    x, y = corner
    chip = np.zeros((108, 132, 3), np.uint8)
    chip[:] = np.linspace((112, 176, 202), (150, 214, 236), 132, dtype=np.uint8)
    for offset in (36, 72):
        cv2.line(chip, (0, offset), (132, offset), (70, 112, 134), 2)
    for offset in (44, 88):
        cv2.line(chip, (offset, 0), (offset, 36), (70, 112, 134), 2)
        cv2.line(chip, (offset, 72), (offset, 108), (70, 112, 134), 2)
    cv2.ellipse(chip, (66, 54), (26, 30), 0, 0, 360, (70, 112, 134), 2, cv2.LINE_AA)
    card[y : y + 108, x : x + 132] = chip
    cv2.rectangle(card, (x, y), (x + 131, y + 107), (84, 132, 156), 2)


def _seal(page: MatLike, centre: tuple[int, int], colour: Colour, rng: np.random.Generator) -> None:
    """A rosette such as a hologram leaves: thin rotated ellipses round one centre."""
    turns = int(rng.integers(9, 14))
    for turn in range(turns):
        cv2.ellipse(page, centre, (58, 22), 180 * turn / turns, 0, 360, colour, 2, cv2.LINE_AA)


def _place(target: MatLike, piece: MatLike, corner: tuple[int, int]) -> None:
    x, y = corner
    target[y : y + piece.shape[0], x : x + piece.shape[1]] = piece


DESIGNS: Mapping[str, Callable[[Holder, np.random.Generator], FlatDocument]] = MappingProxyType(
    {"passport": _passport, "id-card": _id_card, "driving-licence": _driving_licence}
)
