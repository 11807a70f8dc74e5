"""Batches: an epoch's images in batches, unchanged or shifted by a few pixels."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sized
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from scratchcnn._utils.validation import Shapes, as_numbers, check_count, check_flag, check_xy


class Batches:
    """An epoch's images and labels, batch by batch; iterating again gives another epoch.

    Parameters
    ----------
    x : ndarray (N, H, W, C)
        Images.
    y : ndarray of int (N,)
        Their labels.
    batch_size : int
        Images per batch; the last batch may have fewer.
    rng : numpy.random.Generator, optional
        Draws a new order for each epoch. Without it, the order is that of ``x``.
    """

    def __init__(
        self,
        x: np.ndarray,
        y: np.ndarray,
        batch_size: int = 32,
        rng: np.random.Generator | None = None,
    ) -> None:
        x, y = as_numbers(x, None, "x"), as_numbers(y, None, "y")
        if x.ndim == 0 or y.ndim != 1:
            raise ValueError(
                f"x has shape {x.shape} and y {y.shape}, expected one label for each image"
            )
        if len(x) != len(y):
            raise ValueError(f"x has {len(x)} images but y has {len(y)} labels")
        if not isinstance(rng, np.random.Generator | None):
            raise TypeError(f"rng is {rng!r}, expected one such as np.random.default_rng(0)")
        self.x, self.y, self.rng = x, y, rng
        self.batch_size = check_count(batch_size, "batch_size")

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        return math.ceil(len(self.x) / self.batch_size)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self.x):,} images, {self.batch_size} in a batch>"

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield (images, labels) for each batch of one epoch."""
        count = len(self.x)
        order = np.arange(count) if self.rng is None else self.rng.permutation(count)
        for start in range(0, count, self.batch_size):
            images = order[start : start + self.batch_size]
            yield self.x.take(images, axis=0), self.y.take(images)


class ShiftedBatches(Batches):
    """Batches in which each image is shifted by a few pixels, at random in every epoch.

    A digit shifted by a pixel is still the same digit. Showing it in different places keeps a
    network from memorizing the training images ("augmentation"). Where left and right make no
    difference, as with garments, images can be mirrored as well.

    Parameters
    ----------
    x, y, batch_size
        As for `Batches`.
    pixels : int
        Largest shift in each direction. Pixels uncovered at an edge repeat the edge.
    seed : int or numpy.random.Generator
        Determines order and shifts. A model's own generator, ``model.rng``, is saved with the
        model, so resumed training sees the same shifts as if it had never stopped.
    mirror : bool
        Whether to mirror each image, left to right, with a probability of one half.
    """

    def __init__(
        self,
        x: np.ndarray,
        y: np.ndarray,
        batch_size: int = 32,
        pixels: int = 2,
        seed: int | np.random.Generator = 0,
        mirror: bool = False,
    ) -> None:
        super().__init__(x, y, batch_size, np.random.default_rng(seed))
        if self.x.ndim != 4:
            raise ValueError(f"x has shape {self.x.shape}, expected images (N, H, W, C)")
        self.pixels = check_count(pixels, "pixels")
        self.mirror = check_flag(mirror, "mirror")

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield (shifted images, labels) for each batch of one epoch."""
        assert self.rng is not None
        for x, y in super().__iter__():
            shifts = self.rng.integers(-self.pixels, self.pixels + 1, (2, len(x)))
            x = shift_images(x, *shifts)
            if self.mirror:
                mirrored = self.rng.random(len(x)) < 0.5
                x[mirrored] = x[mirrored, :, ::-1]
            yield x, y


def shift_images(x: np.ndarray, down: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Shift each image of ``x`` (N, H, W, C) by its own whole number of pixels.

    ``down`` and ``right`` (N,) may be negative. Pixels uncovered at an edge repeat the edge.
    """
    N, H, W, _ = x.shape
    margin = int(max(np.abs(down).max(), np.abs(right).max()))
    padded = np.pad(x, ((0, 0), (margin, margin), (margin, margin), (0, 0)), mode="edge")
    # Every H x W window of the padded images, as a view:
    # (N, 2 * margin + 1, 2 * margin + 1, C, H, W)
    windows = sliding_window_view(padded, (H, W), axis=(1, 2))
    # To move an image down, take a window further up. (N, C, H, W) -> (N, H, W, C)
    return windows[np.arange(N), margin - down, margin - right].transpose(0, 2, 3, 1)


class CheckedBatches:
    """Batches from a user's iterable, each checked against the model before it is used.

    Parameters
    ----------
    batches : iterable with a length
        Yields (images, labels); iterating over it once is one epoch.
    model : Sequential
    warned : list of str
        The warnings about unscaled pixels so far; there is at most one.
    """

    def __init__(self, batches: Any, model: Shapes, warned: list[str]) -> None:
        if isinstance(batches, np.ndarray | list | tuple) or not (
            isinstance(batches, Iterable) and isinstance(batches, Sized)
        ):
            raise TypeError(
                f"y is missing and x is {type(batches).__name__}, not Batches: give x and y, or "
                "an iterable with a length that yields (images, labels)"
            )
        if len(batches) == 0:
            raise ValueError("x is empty, expected at least one batch")
        if isinstance(batches, Batches):  # these can be checked before the first update
            check_xy(model, (batches.x, batches.y), "x", warned)
        self.batches, self.model, self.warned = batches, model, warned

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        return len(self.batches)

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield (images, labels) for each batch of one epoch."""
        for batch in self.batches:
            yield check_xy(self.model, batch, "a batch", self.warned)
