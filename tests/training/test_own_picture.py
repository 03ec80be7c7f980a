"""A picture from outside: what is taken, what is refused and in which words, and what becomes of it."""

from __future__ import annotations

import io
import random
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, features

from lossviz.training import own_picture
from lossviz.training.data.garments import draw
from lossviz.training.own_picture import OwnPictureError, read_picture

# Pillow warns of pictures that are not quite right; the server's log may have that.
pytestmark = [
    pytest.mark.filterwarnings("ignore::UserWarning"),
    pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning"),
]


def garment(side: int = 280) -> NDArray[np.uint8]:
    """A drawn garment, light on black, enlarged."""
    image = draw("test", 1)[0][0]
    return np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.NEAREST))


def written(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:  # noqa: ANN401 - Pillow's own
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def on_paper(mode: str = "RGB") -> Image.Image:
    """The garment dark on a white sheet that is wider than high, as one would photograph it."""
    sheet = Image.new("L", (640, 400), 255)
    sheet.paste(Image.fromarray(255 - garment()), (200, 60))
    return sheet.convert(mode)


def test_a_dark_garment_on_paper_becomes_light_on_black() -> None:
    own = read_picture(written(on_paper()))
    assert [step.title for step in own.steps] == ["As sent", "Square", "Grey", "Inverted", "28 × 28"]
    sent, square, grey, inverted, last = (step.pixels for step in own.steps)
    assert sent.shape == (280, 448, 3)
    assert square.shape[0] == square.shape[1]
    assert square.shape[0] < 280, "cut to the garment"
    assert grey.ndim == inverted.ndim == 2
    np.testing.assert_allclose(grey.astype(int) + inverted, 255, atol=1)
    assert last.shape == (28, 28)
    assert last.dtype == np.uint8
    assert own.image is last
    assert own.image[0, 0] == 0
    assert own.notes == ()


def test_a_garment_of_the_data_set_comes_through_nearly_as_it_was() -> None:
    differences = []
    for image in draw("test", 40)[0]:
        large = Image.fromarray(255 - image).resize((560, 560), Image.Resampling.NEAREST)
        paper = Image.new("L", (900, 700), 255)
        paper.paste(large, (170, 70))
        differences.append(np.abs(read_picture(written(paper)).image.astype(int) - image).mean())
    # It is cut to the garment, which does not fill every picture of the data set.
    assert np.median(differences) < 30


def test_a_light_garment_on_black_is_not_inverted() -> None:
    own = read_picture(written(Image.fromarray(garment())))
    assert "Inverted" not in [step.title for step in own.steps]


def test_a_grey_background_becomes_black() -> None:
    dim = (90 + garment() * 0.4).astype(np.uint8)
    own = read_picture(written(Image.fromarray(dim)))
    assert "Black behind" in [step.title for step in own.steps]
    assert own.image[0, 0] == 0
    assert own.image.max() > 230


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "AVIF"])
def test_any_common_format_is_taken(kind: str) -> None:
    if kind == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow knows no AVIF")
    expected = read_picture(written(on_paper())).image.astype(int)
    found = read_picture(written(on_paper(), kind)).image
    assert np.abs(found - expected).mean() < 6


@pytest.mark.parametrize(
    "mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "I;16", "I", "F", "YCbCr", "HSV"]
)
def test_any_kind_of_pixel_is_taken(mode: str) -> None:
    kind = "TIFF" if mode in ("CMYK", "I;16", "I", "F", "YCbCr") else "PNG"
    if mode == "I;16":
        image = Image.fromarray(np.asarray(on_paper("L")).astype(np.uint16) * 257)
        assert image.mode == "I;16"
    elif mode == "HSV":
        image = on_paper().convert("HSV").convert("RGB")
    else:
        image = on_paper().convert(mode)
    own = read_picture(written(image, kind))
    expected = read_picture(written(on_paper())).image.astype(int)
    assert np.abs(own.image - expected).mean() < (25 if mode == "1" else 6)
    assert ("256 levels" in " ".join(own.notes)) == (mode in ("I;16", "I", "F"))


def test_a_cmyk_jpeg_is_taken() -> None:
    own = read_picture(written(on_paper("CMYK"), "JPEG"))
    assert np.abs(own.image.astype(int) - read_picture(written(on_paper())).image).mean() < 6


@pytest.mark.parametrize(("shade", "behind"), [(20, "white"), (235, "black")])
def test_what_is_transparent_gets_a_background_that_the_garment_stands_out_from(
    shade: int, behind: str
) -> None:
    opacity = (garment() > 20).astype(np.uint8) * 255
    cut_out = np.dstack([np.full((280, 280, 3), shade, np.uint8), opacity])
    own = read_picture(written(Image.fromarray(cut_out)))
    assert own.notes == (f"Where it is transparent, {behind} is put behind it.",)
    assert own.image[0, 0] == 0
    assert own.image.max() > 230


def test_a_palette_may_be_transparent() -> None:
    image = on_paper().convert("P")
    own = read_picture(written(image, "PNG", transparency=image.getpixel((0, 0))))
    assert own.image.max() > 200


def test_the_first_frame_of_what_moves_is_taken() -> None:
    other = Image.new("RGB", (640, 400), "black")
    for kind in ("GIF", "WEBP", "PNG", "TIFF"):
        moving = written(on_paper(), kind, save_all=True, append_images=[other, other])
        own = read_picture(moving)
        assert "first one is taken" in own.notes[0]
        assert own.steps[0].pixels.mean() > 150, kind


@pytest.mark.parametrize("turned", range(1, 9))
def test_the_picture_stands_upright_whichever_way_the_telephone_was_held(turned: int) -> None:
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    image = on_paper()
    if turned > 1:
        image = image.transpose(
            Image.Transpose(undo[turned] if turned not in (6, 8) else {6: 2, 8: 4}[turned])
        )
    exif = Image.Exif()
    exif[0x0112] = turned
    own = read_picture(written(image, "JPEG", exif=exif, quality=95))
    expected = read_picture(written(on_paper(), "JPEG", quality=95))
    assert own.steps[0].pixels.shape == expected.steps[0].pixels.shape
    assert np.abs(own.image.astype(int) - expected.image).mean() < 6


def test_one_colour_is_told() -> None:
    own = read_picture(written(Image.new("RGB", (50, 50), "grey")))
    assert "next to nothing to see" in " ".join(own.notes)


@pytest.mark.parametrize("size", [(1, 1), (1, 20), (2, 2), (28, 28), (3, 100)])
def test_a_tiny_picture_is_taken(size: tuple[int, int]) -> None:
    assert read_picture(written(Image.new("L", size, 200))).image.shape == (28, 28)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "The file is empty"),
        (b"no picture at all", "not a picture that can be read here"),
        (b"%PDF-1.7 and so on", "not a picture that can be read here"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "not a picture that can be read here"),
        (b"P6 10 10 255\n" + b"\0" * 300, "not a picture that can be read here"),
        (b"\x89PNG\r\n\x1a\n", "cannot be decoded|not a picture"),
    ],
)
def test_anything_else_is_refused_with_what_to_do(data: bytes, says: str) -> None:
    with pytest.raises(OwnPictureError, match=says):
        read_picture(data)


def test_a_file_of_too_many_bytes_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "open", lambda *_, **__: pytest.fail("it was opened"))
    with pytest.raises(OwnPictureError, match=r"10\.0 MB; at most 10"):
        read_picture(b"\0" * (own_picture.MOST_BYTES + 1))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that claims so many pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("width", "height", "says"),
    [
        (5_000, 5_000, r"5,000 × 5,000 = 25\.0 million pixels; at most 12\.5 million"),
        (12_000, 9_000, "108.0 million pixels"),
        (100_000, 100_000, "far too many pixels"),
        (60_000, 100, "a line, not a garment"),
    ],
)
def test_a_decompression_bomb_is_not_decoded(
    width: int, height: int, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image.Image, "load", lambda _: pytest.fail("it was decoded"))
    with pytest.raises(OwnPictureError, match=says):
        read_picture(bomb(width, height))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"])
def test_a_picture_that_was_cut_off_is_refused(kind: str) -> None:
    whole = written(on_paper(), kind)
    for share in (0.1, 0.5, 0.9):
        with pytest.raises(OwnPictureError, match=r"damaged|not a picture"):
            read_picture(whole[: int(len(whole) * share)])


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "AVIF"])
def test_a_damaged_picture_is_read_or_refused_and_nothing_else(kind: str) -> None:
    if kind == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow knows no AVIF")
    whole = written(on_paper().resize((64, 40)), kind)
    dice = random.Random(0)
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(dice.randint(1, 6)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        try:
            own = read_picture(bytes(damaged))
        except OwnPictureError:
            continue
        assert own.image.shape == (28, 28)


def test_pictures_are_decoded_one_at_a_time() -> None:
    assert own_picture._ONE_AT_A_TIME.acquire(timeout=1)
    own_picture._ONE_AT_A_TIME.release()
    with pytest.raises(OwnPictureError):
        read_picture(b"no picture")
    assert own_picture._ONE_AT_A_TIME.acquire(timeout=1), "a refused picture lets the next one in"
    own_picture._ONE_AT_A_TIME.release()
