"""PNG pictures: how large they are, and how to keep their files small."""

import base64
from pathlib import Path

from PIL import Image


def size(png: str) -> tuple[int, int]:
    """Return width and height in pixels of a PNG, as base64."""
    head = base64.b64decode(png[:64])
    width, height = (int.from_bytes(head[k : k + 4]) for k in (16, 20))
    return width, height


def shrink(path: Path, colors: int) -> None:
    """Write a picture again with few colors, and say how large its file is."""
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(colors, dither=Image.Dither.NONE)
    small.save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size // 1000} kB")
