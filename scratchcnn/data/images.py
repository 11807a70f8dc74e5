"""read_image: convert a photograph or drawing of a digit to MNIST's format."""

from __future__ import annotations

import io
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from scratchcnn.data.ink import Ink, find_ink
from scratchcnn.data.normalization import BOX, FINE, in_mnist_form

if TYPE_CHECKING:
    from PIL import Image as Pillow

# No others: some Pillow formats run programs (EPS), and every format is a possible attack route.
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")
KNOWN = "PNG, JPEG, GIF, BMP, WebP or TIFF"
MAX_PIXELS = 100_000_000  # only the largest phone cameras exceed it; 300 MB in RGB
WORKING_SIZE = 800  # pixels along the longer side; larger pictures are reduced to this
LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)  # of red, green and blue
THINNEST, PEN = 1.5, 2.2  # strokes thinner than this are drawn this wide, in MNIST's pixels


def read_image(source: str | os.PathLike[str] | bytes | BinaryIO) -> np.ndarray:
    """Return a photographed or drawn digit in MNIST's format.

    The picture may be large or small, color or gray, dark on light or light on dark,
    transparent (it is tried on white and on black), or rotated by its EXIF tag. Shadows,
    paper grain and small specks are removed. The digit is scaled to fit a box of 20 x 20
    pixels, keeping its proportions, and its center of mass is placed in the middle of 28 x 28
    pixels. Strokes of a thin pen are made as wide as MNIST's thin ones.

    The picture should show one digit, upright, on plain paper, with paper all around.

    Parameters
    ----------
    source : path, bytes, or binary file
        PNG, JPEG, GIF (first frame), BMP, WebP or TIFF: its path, its content, or an open
        file, which is read to the end.

    Returns
    -------
    image : ndarray of uint8 (28, 28)
        0 is paper and 255 ink. Scale it as in the course, ``x / 255 - 0.5``, and add the
        axes for batch and channel: ``x[None, :, :, None]``.

    Raises
    ------
    ValueError
        If this is not a picture, is damaged, has more than 100 million pixels, or shows no
        ink (an empty page, for example). The message says what to do.
    TypeError
        If ``source`` is none of the three.
    OSError
        If the file cannot be opened, such as a FileNotFoundError.
    ImportError
        If Pillow is not installed.

    Notes
    -----
    The format follows Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning
    applied to document recognition", Proceedings of the IEEE 86 (11), 1998, section III A.
    """
    content, name = _content(source)
    try:
        picture = _open(content)
        grays = _grays(picture)
    except ImportError:
        raise
    except _Refused as error:
        raise ValueError(f"{name} {error}") from None
    except Exception as error:  # Pillow fails on damaged files in many different ways
        raise ValueError(f"{name} {_why_unreadable(content, error)}") from None
    found = [ink for ink in map(find_ink, grays) if ink is not None]
    if not found:
        raise ValueError(
            f"{name} shows no digit: there is no ink that stands out from its background. Draw "
            "one large digit, dark on light paper or light on dark, with paper all around it."
        )
    return in_mnist_form(_fine(_clearest(found)))


class _Refused(ValueError):
    """A picture that is rejected; the message is meant to follow the picture's name."""


def _content(source: object) -> tuple[bytes, str]:
    """Return what ``source`` contains, and what to call it."""
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source), "the picture"
    if isinstance(source, str | os.PathLike):
        path = Path(source).expanduser()
        return path.read_bytes(), str(path)
    if hasattr(source, "read"):
        content = source.read()
        if isinstance(content, bytes):
            return content, str(getattr(source, "name", "the picture"))
        raise TypeError('the file returns text, expected bytes: open it with open(path, "rb")')
    raise TypeError(
        f"source is a {type(source).__name__}, expected a path, the bytes of a picture file, or "
        'a file opened with open(path, "rb")'
    )


def _open(content: bytes) -> Pillow.Image:
    """Return the picture, upright and at most `WORKING_SIZE` large."""
    try:
        from PIL import Image, ImageOps
    except ImportError as error:
        raise ImportError(
            'reading pictures needs Pillow: pip install "scratchcnn[course]"'
        ) from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # for large images Pillow warns; we raise
        try:
            picture: Pillow.Image = Image.open(io.BytesIO(content), formats=FORMATS)
        except Image.DecompressionBombError:
            raise _Refused(_too_large("far more")) from None
        width, height = picture.size
        if width * height > MAX_PIXELS:
            raise _Refused(_too_large(f"{width:,} x {height:,}"))
        # JPEG can be decoded at a half, a quarter or an eighth: faster, and with less memory.
        picture.draft(None, (WORKING_SIZE, WORKING_SIZE))
        picture.load()
        return ImageOps.exif_transpose(picture)


def _too_large(pixels: str) -> str:
    return (
        f"has {pixels} pixels, expected at most {MAX_PIXELS:,} in all: "
        "make the picture smaller, or cut out the digit"
    )


def _why_unreadable(content: bytes, error: Exception) -> str:
    """Say why Pillow cannot read the content, and what to do."""
    cure = f"Save it as PNG or JPEG and try again; {KNOWN} can be read."
    if not content:
        return f"is empty. {cure}"
    if content[4:8] == b"ftyp":
        return f"is a HEIC, AVIF or video file, which cannot be read here. {cure}"
    if type(error).__name__ == "UnidentifiedImageError":
        return f"is not a picture in a known format: it begins with {content[:8]!r}. {cure}"
    return f"is a damaged picture: {error or type(error).__name__}. {cure}"


def _grays(picture: Pillow.Image) -> list[np.ndarray]:
    """Return the gray pictures in which ink may stand out: float32 (H, W), from 0 to 1.

    Ink can be clear in one color channel and pale in the others (yellow on white), and in a
    transparent picture it may show only on white or only on black.
    """
    from PIL import Image

    if picture.mode.startswith("I;16") or picture.mode in ("I", "F"):  # more than 8 bits
        deep = np.asarray(picture, np.float32)
        most = 65_535 if picture.mode.startswith("I") else max(float(deep.max()), 1e-9)
        return [_reduced(Image.fromarray(deep / most))]
    if picture.mode in ("1", "L"):
        return [_reduced(picture.convert("L")) / 255]
    on_paper = [picture.convert("RGB")]
    if picture.has_transparency_data:
        rgba = picture.convert("RGBA")
        papers = [Image.new("RGBA", rgba.size, color) for color in ("white", "black")]
        on_paper = [Image.alpha_composite(paper, rgba).convert("RGB") for paper in papers]
    grays = []
    for rgb in on_paper:
        pixels = _reduced(rgb) / 255  # (H, W, 3)
        grays += [pixels @ LUMINANCE, *np.moveaxis(pixels, 2, 0)]
    return grays


def _reduced(picture: Pillow.Image) -> np.ndarray:
    """Return the pixels as float32 (H, W) or (H, W, 3), averaged to `WORKING_SIZE` if larger."""
    from PIL import Image

    picture = picture.copy()
    picture.thumbnail((WORKING_SIZE, WORKING_SIZE), Image.Resampling.BOX)
    return np.asarray(picture, np.float32)


def _clearest(found: list[Ink]) -> Ink:
    """Return the clearest ink; earlier ones (luminance) are preferred unless clearly worse."""
    best = max(ink.clarity for ink in found)
    return next(ink for ink in found if ink.clarity > 0.5 * best)


def _fine(ink: Ink) -> np.ndarray:
    """Scale the digit to MNIST's box on the fine grid, its strokes not too thin: uint8 (H, W)."""
    extent, width = max(ink.density.shape), _stroke_width(ink.density)
    if width * BOX / extent >= THINNEST:
        return _scaled(ink.density, BOX / extent)
    # As in `as_mnist`: scale the path, then draw it with a pen of fixed width.
    scale = (BOX - PEN) / max(extent - width, 1)
    return _thickened(_scaled(ink.density, scale), (PEN - width * scale) * FINE / 2)


def _stroke_width(density: np.ndarray) -> float:
    """Return how wide the strokes are, in pixels: twice their area over their outline."""
    solid = np.pad(density > 0.5, 1)
    steps = (solid[1:] != solid[:-1]).sum() + (solid[:, 1:] != solid[:, :-1]).sum()
    outline = steps * np.pi / 4  # corrects for counting a slanted outline in rows and columns
    return float(2 * density.sum() / max(outline, 1))


def _scaled(density: np.ndarray, scale: float) -> np.ndarray:
    """Return the density as uint8, resized by ``scale`` MNIST pixels per pixel."""
    from PIL import Image

    height, width = (max(1, round(size * scale * FINE)) for size in density.shape)
    picture = Image.fromarray(np.rint(density * 255).astype(np.uint8))
    return np.asarray(picture.resize((width, height), Image.Resampling.BILINEAR))


def _thickened(ink: np.ndarray, radius: float) -> np.ndarray:
    """Return ink (H, W) redrawn with a round pen of this radius, in pixels of the ink."""
    reach = int(radius)
    sheet = np.pad(ink, 2 * reach)
    thick = np.zeros((ink.shape[0] + 2 * reach, ink.shape[1] + 2 * reach), np.uint8)
    height, width = thick.shape
    for row in range(-reach, reach + 1):
        for column in range(-reach, reach + 1):
            if row**2 + column**2 <= radius**2:
                top, left = reach + row, reach + column
                np.maximum(thick, sheet[top : top + height, left : left + width], out=thick)
    return thick
