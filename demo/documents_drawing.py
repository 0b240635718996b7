"""Drawing tools of the designs: text, colour washes, security line patterns, portraits and signatures."""

import colorsys

import cv2
import numpy as np
from cv2.typing import MatLike

Colour = tuple[float, float, float]
"""Blue, green, red, each 0 to 255."""

_SKIN: tuple[Colour, ...] = ((150, 178, 224), (120, 150, 204), (92, 122, 172), (66, 88, 128), (48, 62, 92))
_HAIR: tuple[Colour, ...] = ((24, 26, 32), (30, 46, 74), (62, 98, 142), (110, 112, 118), (30, 40, 96))


class Pen:
    """Writes text on one image with OpenCV's built-in outline font."""

    def __init__(self, canvas: MatLike) -> None:
        self._canvas = canvas
        self._font = cv2.FontFace("sans")

    def write(self, text: str, at: tuple[int, int], size: int, colour: Colour, *, weight: int = 400) -> None:
        """Write a line whose baseline begins at the given point; size in pixels, weight 100 to 1000."""
        cv2.putText(self._canvas, text, at, colour, self._font, size, weight)

    def write_monospaced(
        self, text: str, at: tuple[int, int], size: int, pitch: float, colour: Colour
    ) -> None:
        """Write a line with every character `pitch` pixels from the last, as machine-readable lines are."""
        for place, character in enumerate(text):
            _, _, width, _ = cv2.getTextSize((0, 0), character, (0, 0), self._font, size, 500)
            left = at[0] + place * pitch + (pitch - width) / 2
            self.write(character, (round(left), at[1]), size, colour, weight=500)


def colour_of(hue: float, saturation: float, value: float) -> Colour:
    """A colour from hue (1 is a full turn; any number), saturation and value (0 to 1)."""
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return blue * 255, green * 255, red * 255


def wash(size: tuple[int, int], start: Colour, end: Colour, rng: np.random.Generator) -> MatLike:
    """A two-colour gradient of the given width and height in a random direction."""
    width, height = size
    angle = rng.uniform(0, 2 * np.pi)
    across, down = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    share = np.clip((across * np.cos(angle) + down * np.sin(angle)) / 2.4 + 0.5, 0, 1)[..., None]
    return np.asarray(np.array(start) * (1 - share) + np.array(end) * share, np.uint8)


def guilloche(canvas: MatLike, colour: Colour, rng: np.random.Generator, *, curves: int) -> None:
    """Weave a family of phase-shifted thin waves over the canvas, as security printing does."""
    height, width = canvas.shape[:2]
    x = np.linspace(0, width, 160)
    slow, fast = rng.uniform(0.8, 1.8), rng.uniform(3.0, 6.0)
    layer = canvas.copy()
    for curve in range(curves):
        phase = 2 * np.pi * curve / curves
        y = height / 2 + height * 0.42 * np.sin(2 * np.pi * slow * x / width + phase)
        y += height * 0.10 * np.sin(2 * np.pi * fast * x / width - 3 * phase)
        points = np.stack([x, y], axis=1).round().astype(np.int32)
        cv2.polylines(layer, [points], False, colour, 1, cv2.LINE_AA)
    cv2.addWeighted(layer, 0.7, canvas, 0.3, 0, dst=canvas)


def portrait(size: tuple[int, int], rng: np.random.Generator) -> MatLike:
    """A photograph-like head and shoulders of nobody, on a studio backdrop."""
    width, height = size
    image = wash(size, (222, 218, 212), (186, 180, 172), rng)
    skin, hair = _SKIN[int(rng.integers(len(_SKIN)))], _HAIR[int(rng.integers(len(_HAIR)))]
    clothes = colour_of(rng.uniform(), rng.uniform(0.1, 0.6), rng.uniform(0.2, 0.6))
    dark: Colour = (skin[0] * 0.82, skin[1] * 0.82, skin[2] * 0.82)
    x, chin = width // 2 + int(rng.normal(0, 3)), int(height * 0.66)
    across, down = int(width * rng.uniform(0.19, 0.23)), int(height * rng.uniform(0.21, 0.24))
    y, fringe = chin - down, int(rng.integers(10, 40))
    if rng.random() < 0.45:
        _oval(image, (x, y + 20), (int(across * 1.4), int(down * 1.5)), hair)
    _oval(image, (x, height + 14), (int(width * 0.46), int(height * 0.30)), clothes)
    cv2.rectangle(image, (x - across // 2, chin - 20), (x + across // 2, int(height * 0.78)), dark, -1)
    _oval(image, (x, y - 12), (int(across * 1.14), int(down * 1.08)), hair, arc=(180, 360))
    _oval(image, (x, y), (across, down), skin)
    _oval(image, (x, y - down + fringe // 2), (across, fringe), hair, arc=(150, 390))
    _face(image, (x, y), (across, down), dark, hair)
    soft = cv2.GaussianBlur(image, (0, 0), 2.2)
    shade = np.linspace(1.06, 0.84, width)[None, :, None] * np.ones((height, 1, 3))
    return np.clip(soft * shade + rng.normal(0, 4, soft.shape), 0, 255).astype(np.uint8)


def _face(image: MatLike, centre: tuple[int, int], head: tuple[int, int], dark: Colour, hair: Colour) -> None:
    """Eyes, brows, nose and mouth: enough to give a portrait its contrasts."""
    (x, y), (across, down) = centre, head
    for side in (-1, 1):
        eye = x + side * int(across * 0.42)
        _oval(image, (eye, y - int(down * 0.06)), (int(across * 0.17), int(down * 0.06)), (30, 30, 34))
        brow = (int(across * 0.24), 5)
        cv2.ellipse(image, (eye, y - int(down * 0.26)), brow, 0, 180, 360, hair, 4)
    cv2.line(image, (x, y), (x + 4, y + int(down * 0.34)), dark, 5)
    _oval(image, (x, y + int(down * 0.58)), (int(across * 0.34), 6), (86, 84, 150))


def _oval(
    image: MatLike,
    centre: tuple[int, int],
    radii: tuple[int, int],
    colour: Colour,
    *,
    arc: tuple[int, int] = (0, 360),
) -> None:
    cv2.ellipse(image, centre, radii, 0, *arc, colour, -1, cv2.LINE_AA)


def signature(canvas: MatLike, at: tuple[int, int], length: int, rng: np.random.Generator) -> None:
    """A scribble that begins at the given point and runs `length` pixels to the right."""
    steps = np.linspace(0, 1, 80)
    height = 18 * np.sin(steps * rng.uniform(22, 34)) * (1.1 - steps) + 9 * np.sin(steps * rng.uniform(7, 12))
    across = at[0] + length * steps + 12 * np.sin(steps * rng.uniform(30, 44))
    points = np.stack([across, at[1] - height], axis=1).round().astype(np.int32)
    cv2.polylines(canvas, [points], False, (96, 52, 34), 3, cv2.LINE_AA)
