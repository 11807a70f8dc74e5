"""LastBatch: what a layer remembers of the last batch, and checks that arrays fit it."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchcnn._utils.holder import ArrayHolder
from scratchcnn._utils.validation import as_numbers, axes_hint, shape_text


class LastBatch(ArrayHolder):
    """A holder that processes batches, forward and backward.

    Attributes
    ----------
    cache : object
        What `forward` keeps for `backward`.
    batch_size : int or None
        The number of images in the last batch.
    """

    input_shape: tuple[int, ...] = None  # type: ignore[assignment]
    output_shape: tuple[int, ...] = None  # type: ignore[assignment]

    def check_input(self, x: np.ndarray) -> np.ndarray:
        """Return ``x`` in this layer's dtype, or raise an error that says how to fix it."""
        if self.input_shape is None:
            raise RuntimeError(
                f"{self.name} has no shape yet: put it in a Sequential, or call "
                "layer.build(input_shape, np.random.default_rng(0)) first"
            )
        if type(x) is not np.ndarray or x.dtype != self.dtype:
            x = as_numbers(x, self.dtype, f"{self.name}: x")
        if x.shape[1:] != self.input_shape or len(x) == 0:
            raise ValueError(
                f"{self.name}: x has shape {x.shape}, expected "
                f"{shape_text(self.input_shape)}{axes_hint(x.shape, self.input_shape)}"
            )
        self.batch_size = len(x)
        return x

    def check_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Return ``dy`` in this layer's dtype if it fits the output of the last `forward`."""
        if type(dy) is not np.ndarray or dy.dtype != self.dtype:
            dy = as_numbers(dy, self.dtype, f"{self.name}: dy")
        # If forward does not call check_input, the batch size is unknown.
        if self.batch_size is not None and dy.shape != (self.batch_size, *self.output_shape):
            raise ValueError(
                f"{self.name}: dy has shape {dy.shape}, expected the shape of the last output, "
                f"{(self.batch_size, *self.output_shape)}"
            )
        return dy

    def recall(self) -> Any:
        """Return what `forward` stored in `cache`, or raise RuntimeError without a `forward`."""
        if self.cache is None and self.batch_size is None:
            raise RuntimeError(f"{self.name}: call forward before backward")
        return self.cache

    def __getstate__(self) -> dict[str, Any]:
        """Leave the last batch out of copies and pickles."""
        return self.__dict__ | {"cache": None, "batch_size": None}
