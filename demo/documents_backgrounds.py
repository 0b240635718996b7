"""Surfaces a document may lie on: wood, cloth, carpet, a smooth table top, a desk with clutter."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from cv2.typing import MatLike

from demo.documents_drawing import Pen, colour_of

Size = tuple[int, int]
"""Width and height in pixels."""


def draw_background(size: Size, rng: np.random.Generator) -> MatLike:
    """Draw one surface of the given size, of a kind drawn at random."""
    return BACKGROUNDS[int(rng.integers(len(BACKGROUNDS)))](size, rng)


def cloud(size: Size, cells: tuple[float, float], rng: np.random.Generator, *, octaves: int = 4) -> MatLike:
    """Smooth noise about 0 with standard deviation 1; `cells` says how many blobs lie across and down."""
    width, height = size
    total = np.zeros((height, width), np.float32)
    for octave in range(octaves):
        across = int(min(width, max(2, round(cells[0] * 2**octave))))
        down = int(min(height, max(2, round(cells[1] * 2**octave))))
        grid = rng.normal(size=(down, across)).astype(np.float32)
        total += cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC) * 0.5**octave
    return np.asarray((total - total.mean()) / (total.std() + 1e-6))


def wood(size: Size, rng: np.random.Generator) -> MatLike:
    """Planks with grain, in a random direction."""
    side = int(np.hypot(*size)) + 4
    square = (side, side)
    down = np.linspace(0, 1, side, dtype=np.float32)[:, None] * np.ones((1, side), np.float32)
    warp = cloud(square, (1.5, 5), rng, octaves=2) * 0.018
    rings = np.sin(2 * np.pi * rng.uniform(14, 40) * (down + warp))
    fibres = cloud(square, (3, side / 5), rng, octaves=2)
    pores = np.minimum(cloud(square, (18, side / 2), rng, octaves=1) + 1.2, 0)
    tone = 0.09 * rings + 0.08 * fibres + 0.12 * pores + 0.06 * cloud(square, (2, 4), rng)
    planks = int(rng.integers(1, 6))
    for plank in range(planks):
        rows = slice(plank * side // planks, (plank + 1) * side // planks)
        tone[rows] += rng.normal(0, 0.07)
        if planks > 1:
            tone[rows.start : rows.start + 3] -= 0.45
    colour = np.array(colour_of(rng.uniform(0.05, 0.10), rng.uniform(0.25, 0.65), rng.uniform(0.30, 0.78)))
    return _turned(np.clip(colour * (1 + tone[..., None]), 0, 255), size, rng)


def cloth(size: Size, rng: np.random.Generator) -> MatLike:
    """A woven fabric with soft folds, plain or striped."""
    side = int(np.hypot(*size)) + 4
    across, down = np.meshgrid(np.arange(side, dtype=np.float32), np.arange(side, dtype=np.float32))
    pitch = rng.uniform(2.5, 6)
    weave = np.sin(2 * np.pi * across / pitch) * np.sin(2 * np.pi * down / pitch)
    folds = cloud((side, side), (rng.uniform(2, 5), rng.uniform(1, 3)), rng, octaves=3)
    tone = 1 + 0.07 * weave + rng.uniform(0.05, 0.16) * folds + 0.05 * rng.normal(size=weave.shape)
    colour = np.array(colour_of(rng.uniform(), rng.uniform(0.05, 0.6), rng.uniform(0.2, 0.85)))
    fabric = np.broadcast_to(colour, (side, side, 3)).copy()
    if rng.random() < 0.4:
        stripes = np.sin(2 * np.pi * across / rng.uniform(40, 140)) > rng.uniform(0.2, 0.8)
        fabric[stripes] = colour_of(rng.uniform(), rng.uniform(0.1, 0.6), rng.uniform(0.3, 0.9))
    return _turned(np.clip(fabric * tone[..., None], 0, 255), size, rng)


def carpet(size: Size, rng: np.random.Generator) -> MatLike:
    """Rough pile or stone: noise at many scales in one or two colours."""
    width, height = size
    grain = rng.uniform(3, 7)
    fine = cloud(size, (width / grain, height / grain), rng, octaves=2)
    coarse = cloud(size, (4, 4), rng)
    first = np.array(colour_of(rng.uniform(0.03, 0.16), rng.uniform(0.02, 0.4), rng.uniform(0.35, 0.8)))
    second = first * rng.uniform(0.55, 0.85)
    share = np.clip(0.5 + 0.35 * fine + 0.12 * coarse, 0, 1)[..., None]
    return np.asarray(first * share + second * (1 - share), np.uint8)


def table_top(size: Size, rng: np.random.Generator) -> MatLike:
    """A smooth painted surface with a gentle gradient and some wear."""
    colour = np.array(colour_of(rng.uniform(), rng.uniform(0.0, 0.35), rng.uniform(0.25, 0.92)))
    tone = 1 + 0.06 * cloud(size, (1.5, 1.5), rng, octaves=2) + 0.012 * cloud(size, (80, 80), rng, octaves=2)
    top = np.asarray(np.clip(colour * tone[..., None], 0, 255), np.uint8)
    for _ in range(int(rng.integers(0, 14))):
        start = rng.uniform((0, 0), size)
        end = start + rng.normal(0, 60, 2)
        shade = np.clip(colour * rng.choice([0.93, 1.06]), 0, 255)
        cv2.line(top, _point(start), _point(end), shade.tolist(), 1, cv2.LINE_AA)
    return top


def desk(size: Size, rng: np.random.Generator) -> MatLike:
    """A wooden or smooth desk with papers, pens, cups and phones on it."""
    surface = (wood, table_top)[int(rng.integers(2))](size, rng)
    for _ in range(int(rng.integers(2, 6))):
        thing = _CLUTTER[int(rng.integers(len(_CLUTTER)))]
        # Things lie towards the rim, as they do when someone clears a place for the document.
        angle, reach = rng.uniform(0, 2 * np.pi), rng.uniform(0.36, 0.60)
        centre = np.array(size) * (0.5 + reach * np.array([np.cos(angle), np.sin(angle)]))
        thing(surface, centre, rng)
    return surface


def _paper(surface: MatLike, centre: MatLike, rng: np.random.Generator) -> None:
    """A printed sheet or a sticky note."""
    tall, wide = int(rng.integers(120, 420)), int(rng.integers(110, 320))
    sheet = np.empty((tall, wide, 3), np.uint8)
    sheet[:] = colour_of(rng.uniform(0.1, 0.2), rng.choice([0.02, 0.03, 0.45]), rng.uniform(0.85, 0.98))
    pen = Pen(sheet)
    words = (
        "minutes",
        "of the",
        "delivery",
        "account",
        "second",
        "quarter",
        "please",
        "return",
        "items",
        "total",
    )
    for baseline in range(30, tall - 14, int(rng.integers(14, 26))):
        pen.write(" ".join(rng.choice(words, 6)), (14, baseline), int(rng.integers(9, 15)), (90, 84, 80))
    _lay(surface, sheet, np.full((tall, wide), 255, np.uint8), centre, rng)


def _pen(surface: MatLike, centre: MatLike, rng: np.random.Generator) -> None:
    """A pen: a long barrel with a highlight along it."""
    wide = int(rng.integers(200, 330))
    barrel = np.zeros((18, wide, 3), np.uint8)
    profile = np.sin(np.linspace(0.3, np.pi - 0.1, 18))[:, None, None]
    barrel[:] = np.clip(profile * np.array(colour_of(rng.uniform(), 0.7, 0.75)) + 70 * profile**12, 0, 255)
    barrel[:, : wide // 5] = np.clip(profile * 190, 0, 255)
    mask = np.full((18, wide), 255, np.uint8)
    cv2.fillPoly(mask, [np.array([[0, 0], [26, 0], [0, 8]]), np.array([[0, 17], [26, 17], [0, 10]])], 0)
    _lay(surface, barrel, mask, centre, rng)


def _cup(surface: MatLike, centre: MatLike, rng: np.random.Generator) -> None:
    """A cup from above, with its drink."""
    radius = int(rng.integers(48, 90))
    side = 2 * radius + 4
    cup, mask = np.zeros((side, side, 3), np.uint8), np.zeros((side, side), np.uint8)
    middle = (side // 2, side // 2)
    cv2.circle(mask, middle, radius, 255, -1)
    cup[:] = colour_of(rng.uniform(), rng.uniform(0, 0.5), rng.uniform(0.5, 0.95))
    cv2.circle(cup, middle, radius - 7, (60, 66, 72), -1, cv2.LINE_AA)
    cv2.circle(cup, middle, radius - 11, colour_of(0.07, 0.6, rng.uniform(0.15, 0.5)), -1, cv2.LINE_AA)
    _lay(surface, cup, mask, centre, rng)


def _phone(surface: MatLike, centre: MatLike, rng: np.random.Generator) -> None:
    """A dark telephone, its screen off."""
    wide, tall = 150, 300
    phone, mask = np.zeros((tall, wide, 3), np.uint8), np.zeros((tall, wide), np.uint8)
    cv2.rectangle(mask, (16, 0), (wide - 17, tall - 1), 255, -1)
    cv2.rectangle(mask, (0, 16), (wide - 1, tall - 17), 255, -1)
    for x, y in ((16, 16), (wide - 17, 16), (16, tall - 17), (wide - 17, tall - 17)):
        cv2.circle(mask, (x, y), 16, 255, -1)
    phone[:] = np.linspace(34, 62, tall)[:, None, None]
    cv2.rectangle(phone, (7, 12), (wide - 8, tall - 13), (24, 20, 18), -1)
    _lay(surface, phone, mask, centre, rng)


def _cable(surface: MatLike, centre: MatLike, rng: np.random.Generator) -> None:
    """A cable that winds across the desk."""
    steps = np.linspace(-1, 1, 60)
    along = np.stack([steps * 500, 60 * np.sin(steps * rng.uniform(2, 6)) + 40 * steps**2], axis=1)
    points = (along @ _rotation(rng.uniform(0, 2 * np.pi)) + centre).round().astype(np.int32)
    shade = float(rng.choice([30, 46, 200]))
    cv2.polylines(surface, [np.add(points, (3, 5))], False, (24, 24, 24), 8, cv2.LINE_AA)
    cv2.polylines(surface, [points], False, (shade, shade, shade), 7, cv2.LINE_AA)


def _lay(surface: MatLike, thing: MatLike, mask: MatLike, centre: MatLike, rng: np.random.Generator) -> None:
    """Turn a flat thing, drop its shadow and paste it on the surface about `centre`."""
    tall, wide = mask.shape[:2]
    turn = cv2.getRotationMatrix2D((wide / 2, tall / 2), float(rng.uniform(0, 360)), 1.0)
    turn[:, 2] += np.asarray(centre) - (wide / 2, tall / 2)
    size = (surface.shape[1], surface.shape[0])
    pasted = cv2.warpAffine(thing, turn, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    alpha = cv2.warpAffine(mask, turn, size, flags=cv2.INTER_LINEAR)[..., None] / 255.0
    shadow = cv2.GaussianBlur(np.roll(alpha[..., 0], (6, 4), (0, 1)), (0, 0), 6)[..., None]
    surface[:] = (surface * (1 - 0.45 * shadow) * (1 - alpha) + pasted * alpha).astype(np.uint8)


def _turned(texture: MatLike, size: Size, rng: np.random.Generator) -> MatLike:
    """Cut a window of the given size from a square texture turned by any angle."""
    side = texture.shape[0]
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), float(rng.uniform(0, 180)), 1.0)
    turn[:, 2] += np.array(size) / 2 - side / 2
    return cv2.warpAffine(
        texture.astype(np.uint8), turn, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
    )


def _rotation(angle: float) -> MatLike:
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


def _point(position: MatLike) -> tuple[int, int]:
    return round(float(position[0])), round(float(position[1]))


BACKGROUNDS: Sequence[Callable[[Size, np.random.Generator], MatLike]] = (
    wood,
    cloth,
    carpet,
    table_top,
    desk,
    desk,
)
_CLUTTER: Sequence[Callable[[MatLike, MatLike, np.random.Generator], None]] = (
    _paper,
    _paper,
    _pen,
    _cup,
    _phone,
    _cable,
)
