"""A picture from outside, made into what the networks were trained on: 28 x 28 grey pixels, light on black.

What comes from outside is not trusted: its bytes are counted before it is opened, its pixels before it is decoded,
and only formats that hold plain pictures are opened at all. Knows no torch; loads Pillow when it is called.

FashionMNIST's own pictures were made like this: cut to the garment, its longer side brought to 28 pixels, the
shorter one filled up, the brightness inverted, made grey (Xiao et al. 2017, https://arxiv.org/abs/1708.07747).
"""

from __future__ import annotations

import io
import struct
import threading
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL.Image import Image

Bytes = NDArray[np.uint8]

MOST_BYTES: Final = 10_000_000
MOST_PIXELS: Final = 12_500_000
"""Decoded they are 50 MB for a moment."""
MOST_JPEG_PIXELS: Final = 25_000_000
"""As many as a telephone's camera takes; a JPEG can be decoded at an eighth of its size."""
MOST_TIMES_LONGER: Final = 50
"""A longer side of so many shorter ones is a line, not a garment."""

FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
"""As Pillow calls them. A JPEG of some telephones is an MPO, several JPEGs in one."""
ENDINGS: Final = ("png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff", "avif")

SIDE: Final = 28
_WORKED_ON: Final = 448
"""Pixels of the longer side that are worked on: 16 for each one in the end."""
_LIGHT: Final = 127.5
_DIFFERENT: Final = 24.0
"""Levels of 255 by which a pixel must differ from the background to belong to the garment."""
_LEAST_SHARE: Final = 0.02
"""A garment that takes less of the picture's rows or columns than this is a speck of dust."""

# One picture is decoded at a time: a classroom that sends its pictures at once shall not need the memory of thirty.
_ONE_AT_A_TIME = threading.Lock()

_HEIF: Final = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis")


class OwnPictureError(ValueError):
    """A picture that is not taken; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way to 28 x 28.

    Attributes:
        title: What was done, in two or three words.
        text: The same in a sentence.
        pixels: The picture then, uint8, (H, W, 3) in colour or (H, W) grey.
    """

    title: str
    text: str
    pixels: Bytes


@dataclass(frozen=True, slots=True)
class OwnPicture:
    """A picture on its way.

    Attributes:
        steps: The picture as it was sent, then a step each; the last is 28 x 28.
        notes: What one should know of it, a sentence each; often none.
    """

    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()

    @property
    def image(self) -> Bytes:
        """What a network takes: uint8, shape (28, 28), 0 black to 255 white."""
        return self.steps[-1].pixels


def read_picture(data: bytes) -> OwnPicture:
    """Read a picture and bring it to 28 x 28, step by step.

    Args:
        data: The file's bytes.

    Returns:
        The picture with its steps: as sent (upright), cut and filled up to a square, grey, inverted if the
        background is light, background black, 28 x 28.

    Raises:
        OwnPictureError: It is too large, no picture, of another format, or damaged.
    """
    if len(data) > MOST_BYTES:
        raise OwnPictureError(
            f"The file has {len(data) / 1e6:.1f} MB; at most {MOST_BYTES / 1e6:.0f} are taken. "
            "Make the picture smaller."
        )
    with _ONE_AT_A_TIME:
        colours, notes = _decoded(data)
    return _steps(colours, notes)


def _decoded(data: bytes) -> tuple[Bytes, list[str]]:
    """The first frame, upright, its longer side at most 448 pixels; and what to tell of it."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        Image.init()
        there = tuple(name for name in FORMATS if name in Image.OPEN)
        image: Image.Image = Image.open(io.BytesIO(data), formats=there)
        jpeg = image.format in ("JPEG", "MPO")
        _refuse_size(*image.size, MOST_JPEG_PIXELS if jpeg else MOST_PIXELS)
        notes = []
        if getattr(image, "n_frames", 1) > 1 and not jpeg:
            notes.append("The file moves, or has several pages: the first one is taken.")
            image.seek(0)
        image.draft("RGB", (_WORKED_ON, _WORKED_ON))  # a JPEG at a half, a quarter or an eighth of its size
        image.load()
        ImageOps.exif_transpose(image, in_place=True)
        return _colours(image, notes), notes
    except Image.DecompressionBombError as error:
        raise OwnPictureError(_too_many_pixels("far too many", MOST_JPEG_PIXELS)) from error
    except UnidentifiedImageError as error:
        raise OwnPictureError(_not_a_picture(data)) from error
    except OwnPictureError:
        raise
    except (
        OSError,
        EOFError,
        SyntaxError,
        ValueError,
        TypeError,
        LookupError,
        ArithmeticError,
        AttributeError,
        RuntimeError,
        AssertionError,
        MemoryError,
        struct.error,
        zlib.error,
    ) as error:  # a decoder that meets bytes it did not expect raises any of these
        raise OwnPictureError(
            "The picture is damaged or was cut off: it cannot be decoded. Save it anew, or send another."
        ) from error


def _refuse_size(width: int, height: int, most: int) -> None:
    if width < 1 or height < 1:
        raise OwnPictureError("The picture has no pixels. Send another.")
    if width * height > most:
        have = f"{width:,} × {height:,} = {width * height / 1e6:,.1f} million"
        raise OwnPictureError(_too_many_pixels(have, most))
    if max(width, height) > MOST_TIMES_LONGER * min(width, height):
        raise OwnPictureError(
            f"The picture is {width:,} × {height:,} pixels: a line, not a garment. Cut it nearer to a square."
        )


def _too_many_pixels(have: str, most: int) -> str:
    return (
        f"The picture has {have} pixels; at most {most / 1e6:g} million are taken. Make the picture smaller."
    )


def _not_a_picture(data: bytes) -> str:
    known = "PNG, JPEG, WebP, GIF, BMP, TIFF or AVIF"
    if not data:
        return f"The file is empty. Send a picture: {known}."
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF:
        return (
            f"This is a HEIC picture, which cannot be read here. Save or share it as JPEG; taken are {known}."
        )
    if b"<svg" in data[:1000].lower():
        return f"This is an SVG drawing, not a picture of pixels. Save it as PNG; taken are {known}."
    return f"This is not a picture that can be read here. Taken are {known}."


def _colours(image: Image, notes: list[str]) -> Bytes:
    """Any kind of picture as red, green and blue, uint8 (H, W, 3), its longer side at most 448 pixels."""
    from PIL import Image as Pillow

    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        image = Pillow.fromarray(_to_bytes(np.asarray(image), image.mode))
        notes.append("Its pixels have more than 256 levels: they are brought to 256.")
    see_through = image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info
    if image.mode != (mode := "RGBA" if see_through else "RGB"):  # otherwise it would be copied
        image = image.convert(mode)
    image.thumbnail((_WORKED_ON, _WORKED_ON), reducing_gap=2.0)
    pixels = np.asarray(image)
    if not see_through:
        return pixels.astype(np.uint8)
    opacity = pixels[..., 3:].astype(np.float64) / 255
    colours = pixels[..., :3].astype(np.float64)
    # Behind a dark garment white, behind a light one black: it must stand out.
    seen = float((colours * opacity).sum() / max(3 * opacity.sum(), 1e-9))
    behind = 255.0 if seen < _LIGHT else 0.0
    if opacity.min() < 1:
        notes.append(f"Where it is transparent, {'white' if behind else 'black'} is put behind it.")
    return (colours * opacity + behind * (1 - opacity) + 0.5).astype(np.uint8)


def _to_bytes(values: NDArray[np.generic], mode: str) -> Bytes:
    """Deep grey pixels on 256 levels: 16 bits by their range, other numbers by the smallest and the largest."""
    numbers = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(numbers.min()), float(numbers.max())
    if mode.startswith("I;16") or (mode == "I" and low >= 0 and 255 < high <= 65535):
        low, high = 0.0, 65535.0
    elif mode == "I" and low >= 0 and high <= 255:
        low, high = 0.0, 255.0
    return ((numbers - low) * (255 / max(high - low, 1e-12)) + 0.5).clip(0, 255).astype(np.uint8)


def _steps(colours: Bytes, notes: list[str]) -> OwnPicture:
    from PIL import Image

    height, width = colours.shape[:2]
    steps = [Step("As sent", f"The picture upright, shown with {width} × {height} pixels.", colours)]
    grey = _grey(colours)
    background = _border_median(grey)
    box = _garment(grey, background)
    cut = colours if box is None else colours[box]
    filled = _squared(cut, _border_median(colours))
    what = (
        "Filled up to a square"
        if box is None
        else "Cut to what differs from the border, filled up to a square"
    )
    steps.append(Step("Square", f"{what} with the colour of the border.", filled))
    grey = _grey(filled)
    steps.append(
        Step("Grey", "Colours become brightness: 0.299 red + 0.587 green + 0.114 blue.", _bytes(grey))
    )
    if background > _LIGHT:
        grey, background = 255 - grey, 255 - background
        steps.append(
            Step("Inverted", "The background is light: black and white change places.", _bytes(grey))
        )
    brightest = float(grey.max())
    if brightest - background < _DIFFERENT:
        notes.append("There is next to nothing to see in it: the network's answer means little.")
    elif background > 1 or brightest < 254:
        grey = ((grey - background) * (255 / (brightest - background))).clip(0, 255)
        text = "Stretched, so that the background is black and the brightest place is white."
        steps.append(Step("Black behind", text, _bytes(grey)))
    small = Image.fromarray(_bytes(grey)).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    last = "What the network sees. FashionMNIST's garments are light on black."
    steps.append(Step("28 × 28", last, np.asarray(small).astype(np.uint8)))
    return OwnPicture(tuple(steps), tuple(notes))


def _grey(colours: Bytes) -> NDArray[np.float64]:
    weights = np.array([0.299, 0.587, 0.114])
    return np.asarray(colours.astype(np.float64) @ weights, dtype=np.float64)


def _bytes(grey: NDArray[np.float64]) -> Bytes:
    return (grey + 0.5).clip(0, 255).astype(np.uint8)


def _border_median(pixels: NDArray[np.generic]) -> NDArray[np.float64]:
    """The middle value of the outermost pixels, for each colour."""
    rows = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    return np.asarray(np.median(rows.astype(np.float64), axis=0), dtype=np.float64)


def _garment(grey: NDArray[np.float64], background: NDArray[np.float64]) -> tuple[slice, slice] | None:
    """Rows and columns of what differs from the background; None where that is all, or next to nothing."""
    differs = np.abs(grey - background) > _DIFFERENT
    found = []
    for along in (1, 0):
        places = np.flatnonzero(differs.mean(axis=along) > _LEAST_SHARE / 2)
        if len(places) < max(2, _LEAST_SHARE * differs.shape[1 - along]):
            return None
        found.append(slice(int(places[0]), int(places[-1]) + 1))
    rows, columns = found
    return None if grey[rows, columns].shape == grey.shape else (rows, columns)


def _squared(colours: Bytes, background: NDArray[np.float64]) -> Bytes:
    """The picture in the middle of a square of the background's colour."""
    height, width = colours.shape[:2]
    side = max(height, width)
    square = np.empty((side, side, 3), np.uint8)
    square[...] = (background + 0.5).astype(np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = colours
    return square
