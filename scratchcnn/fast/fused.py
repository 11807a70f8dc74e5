"""Conv2D, ReLU and MaxPool2D in one step: the same numbers in a memory-friendly order.

Lesson 12 develops this step. As separate layers, the convolution stores its pixels row by row,
and pooling then reads every second pixel of every second row: short jumps all over memory, which
cost more than the arithmetic. Here the pixels are computed in another order, by *pool offset*,
which is a pixel's place in its pooling window (for 2x2: top left, top right, bottom left, bottom
right). All pixels with the same offset are adjacent in memory, so pooling is a maximum of four
long, contiguous arrays, and its backward pass takes a few comparisons.

Two more savings come for free: pixels that pooling would drop at an odd size are never computed,
and ReLU, which never changes which of two numbers is larger, is applied after the maximum, to a
quarter of the numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Protocol

import numpy as np

from scratchcnn.layers.activations import ReLU
from scratchcnn.layers.base import Layer
from scratchcnn.layers.convolution import Conv2D
from scratchcnn.layers.pooling import MaxPool2D

# With fewer numbers than this in a window, the matrix of windows is so narrow that BLAS is
# twice as fast on one image at a time.
MIN_WINDOW_FOR_ONE_PRODUCT = 64


class Step(Protocol):
    """One layer, or several combined."""

    output_shape: tuple[int, ...]

    @property
    def params(self) -> Mapping[str, np.ndarray]:
        """The parameters."""

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return the output."""

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Fill the layers' `grads` and return dL/dx."""

    def parameter_gradients(self, dy: np.ndarray) -> None:
        """Fill the layers' `grads`."""


def fuse(layers: Sequence[Layer]) -> list[Step]:
    """Return ``layers`` with each run of Conv2D (, ReLU), MaxPool2D replaced by a `ConvPool`.

    Only built layers whose pooling windows tile the image are fused. Results stay the same, and
    gradients still appear in the `grads` of the layers themselves. (If the bias is so much
    larger than two pixels that adding it makes them equal, the larger one still wins here.)
    """
    steps: list[Step] = []
    rest = list(layers)
    while rest:
        size = 3 if len(rest) > 2 and type(rest[1]) is ReLU else 2
        if len(rest) >= size and _can_fuse(rest[0], rest[size - 1]):
            steps.append(ConvPool(rest[0], rest[size - 1], relu=size == 3))  # type: ignore[arg-type]
            rest = rest[size:]
        else:
            steps.append(rest.pop(0))
    return steps


def _can_fuse(first: Layer, last: Layer) -> bool:
    # type() and not isinstance(): a subclass may compute something else.
    return (
        type(first) is Conv2D
        and type(last) is MaxPool2D
        and last.strides == last.pool_size
        and last.padding == "valid"
    )


class ConvPool:
    """A Conv2D followed by a MaxPool2D, optionally with a ReLU in between, as one step.

    Parameters
    ----------
    convolution, pooling : Conv2D, MaxPool2D
        Built layers; the second takes the first's output.
    relu : bool
        Whether there is a ReLU in between.
    """

    def __init__(self, convolution: Conv2D, pooling: MaxPool2D, relu: bool = False) -> None:
        self.convolution, self.relu, self.pool_size = convolution, relu, pooling.pool_size
        self.input_shape, self.output_shape = convolution.input_shape, pooling.output_shape
        self.dtype = convolution.dtype
        self.patch_indices = self._number_patches()
        self._work: SimpleNamespace | None = None

    @property
    def params(self) -> Mapping[str, np.ndarray]:
        """The convolution's own parameters."""
        return self.convolution.params

    @property
    def grads(self) -> dict[str, np.ndarray]:
        """The convolution's own gradients."""
        return self.convolution.grads

    def _number_patches(self) -> np.ndarray:
        """Return the table (offsets, OH, OW, KH, KW) of the pixels in each window.

        Pixel (row, column) of the padded image has the number ``row * width + column``. Looking
        pixels up in a precomputed table takes a fifth of the time of slicing out the windows.
        """
        (OH, OW, _), (PH, PW) = self.output_shape, self.pool_size
        (KH, KW), (SH, SW) = self.convolution.kernel_size, self.convolution.strides
        width = self.input_shape[1] + sum(self.convolution.pads[1])
        ph, pw, oh, ow, kh, kw = np.ogrid[:PH, :PW, :OH, :OW, :KH, :KW]
        table = ((oh * PH + ph) * SH + kh) * width + (ow * PW + pw) * SW + kw
        # (PH, PW, OH, OW, KH, KW) -> (PH * PW, OH, OW, KH, KW)
        return table.reshape(PH * PW, OH, OW, KH, KW)

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return the pooled feature maps (N, OH, OW, F) of the images ``x`` (N, H, W, C)."""
        conv, work = self.convolution, self._workspace(len(x))
        if conv.padding == "same":
            x = np.pad(x, ((0, 0), *conv.pads, (0, 0)))
        # (N, H, W, C) -> (N, H * W, C) -> (N, offsets, OH, OW, KH, KW, C).
        # mode="clip" only saves NumPy a temporary copy.
        pixels = x.reshape(len(x), -1, x.shape[3])
        pixels.take(self.patch_indices, axis=1, out=work.patches, mode="clip")
        # (N * offsets * OH * OW, KH * KW * C) @ (KH * KW * C, F) -> (N * offsets * OH * OW, F)
        np.dot(work.columns, self.convolution.kernel_matrix, out=work.rows_of_products)
        self._pooled = np.maximum.reduce(work.products, axis=1)
        y = self._with_bias()
        if self.relu:
            return np.maximum(y, 0)
        # The caller may write to the maps, and `backward` needs the maxima.
        return y if conv.use_bias else y.copy()

    def _with_bias(self) -> np.ndarray:
        """Return the pooled maps before ReLU: (N, OH * OW * F) -> (N, OH, OW, F)."""
        pooled = self._pooled.reshape(-1, *self.output_shape)
        # The bias is the same for all pixels in a window, so it can be added after the maximum.
        return pooled + self.params["bias"] if self.convolution.use_bias else pooled

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Fill the convolution's `grads` and return dL/dx."""
        self.parameter_gradients(dy)
        PH, PW = self.pool_size
        OH, OW, F = self.output_shape
        # Back to rows and columns, as in the convolution's output:
        # (N, PH * PW, OH * OW * F) -> (N, PH, PW, OH, OW, F) -> (N, OH, PH, OW, PW, F)
        dproducts = self._workspace(len(dy)).dproducts.reshape(-1, PH, PW, OH, OW, F)
        dproducts = dproducts.transpose(0, 3, 1, 4, 2, 5)
        # -> (N, OH * PH, OW * PW, F)
        return self.convolution.input_gradient(dproducts.reshape(-1, OH * PH, OW * PW, F))

    def parameter_gradients(self, dy: np.ndarray) -> None:
        """Route ``dy`` to the maxima, then dL/dkernel = windows.T @ their gradients."""
        conv = self.convolution
        if self.relu:
            dy = dy * (self._with_bias() > 0)
        self._route_to_maxima(dy)
        self.grads["kernel"] = self._kernel_gradient(len(dy))
        if conv.use_bias:
            self.grads["bias"] = dy.sum(axis=(0, 1, 2))

    def _route_to_maxima(self, dy: np.ndarray) -> None:
        """Give each window's gradient to its first maximum: -> (N, offsets, OH * OW * F)."""
        work = self._workspace(len(dy))
        is_maximum = np.equal(work.products, self._pooled[:, None], out=work.is_maximum)
        taken = is_maximum[:, 0]
        for k in range(1, is_maximum.shape[1]):
            # True > False: in a tie, an earlier offset has already won.
            np.greater(is_maximum[:, k], taken, out=is_maximum[:, k])
            taken = taken | is_maximum[:, k]
        # (N, OH, OW, F) -> (N, 1, OH * OW * F), times (N, offsets, OH * OW * F)
        np.multiply(dy.reshape(len(dy), 1, -1), is_maximum, out=work.dproducts)

    def _kernel_gradient(self, N: int) -> np.ndarray:
        """Sum each window times its output's gradient: -> (KH, KW, C, F)."""
        work, F = self._workspace(N), self.output_shape[2]
        size = work.columns.shape[1]
        if N > 1 and size < MIN_WINDOW_FOR_ONE_PRODUCT:
            # (N, KH * KW * C, windows) @ (N, windows, F) -> (N, KH * KW * C, F)
            columns = work.columns.reshape(N, -1, size).transpose(0, 2, 1)
            dkernel = (columns @ work.dproducts.reshape(N, -1, F)).sum(axis=0)
        else:
            # (KH * KW * C, N * windows) @ (N * windows, F) -> (KH * KW * C, F)
            dkernel = np.dot(work.columns.T, work.rows_of_dproducts)
        return dkernel.reshape(self.params["kernel"].shape)

    def _workspace(self, N: int) -> SimpleNamespace:
        """Return working arrays for ``N`` images, reusing those of the last call if they fit.

        Allocating new memory each time can cost more than the arithmetic that fills it.
        """
        if self._work is None or self._work.N != N:
            size, F = self.convolution.kernel_matrix.shape
            offsets, OH, OW = self.patch_indices.shape[:3]
            patches = np.empty((N, *self.patch_indices.shape, self.input_shape[2]), self.dtype)
            products, dproducts = np.empty((2, N, offsets, OH * OW * F), self.dtype)
            self._work = SimpleNamespace(
                N=N,
                patches=patches,
                products=products,
                dproducts=dproducts,
                is_maximum=np.empty(products.shape, bool),
                # The same memory with one window per row: (N * offsets * OH * OW, ...)
                columns=patches.reshape(-1, size),
                rows_of_products=products.reshape(-1, F),
                rows_of_dproducts=dproducts.reshape(-1, F),
            )
        return self._work
