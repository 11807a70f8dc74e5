"""Convolution and pooling batch-innermost in memory (inference.py says why).

References
----------
Cho and Brand, "MEC: memory-efficient convolution for deep neural network", ICML (2017), for
windows that overlap in memory.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.lib.stride_tricks import as_strided

from scratchcnn.fast.fused import ConvPool
from scratchcnn.layers.convolution import Conv2D

# Numbers that products may write before pooling reads them. With fewer there are more calls,
# with more, less of them is still in the cache; between lies a wide valley.
MAX_PRODUCTS_AT_ONCE = 2**19
# From so many channels on, a third of the products is worth more than what Winograd adds.
MIN_CHANNELS_FOR_WINOGRAD = 8


def convolution(layer: Conv2D | ConvPool, x: np.ndarray) -> Convolution:
    """Return the way of computing ``layer`` from ``x`` (H, C, W, N) that is the least work."""
    if type(layer) is ConvPool:
        conv = layer.convolution
        widths = conv.kernel_size[1], conv.strides[1], layer.pool_size[1]
        if widths == (3, 1, 2) and conv.input_shape[2] >= MIN_CHANNELS_FOR_WINOGRAD:
            return Winograd(layer, x)
    return Convolution(layer, x)


class Convolution:
    """Conv2D, perhaps with the ReLU and MaxPool2D behind it.

    `run` reads ``x`` (H, C, W, N) and writes ``y`` (OH, F, OW, N). Pooling windows are PH x PW
    pixels large (1 x 1 where nothing is pooled). All left columns of the windows are computed
    together, then all columns to the right of them.
    """

    def __init__(self, layer: Conv2D | ConvPool, x: np.ndarray) -> None:
        if isinstance(layer, ConvPool):
            self.layer, self.relu, self.pool_size = layer.convolution, layer.relu, layer.pool_size
        else:
            self.layer, self.relu, self.pool_size = layer, False, (1, 1)
        self.x, N = x, x.shape[3]
        H, W, C = self.layer.input_shape
        (top, bottom), (left, right) = self.layer.pads
        self.padded = x
        if self.layer.padding == "same":
            self.padded = np.zeros((top + H + bottom, C, left + W + right, N), x.dtype)
            self.inside = self.padded[top : top + H, :, left : left + W]
        OH, OW, F = layer.output_shape
        self.y = np.empty((OH, F, OW, N), x.dtype)
        self.bias = self.layer.params["bias"][:, None].copy() if self.layer.use_bias else None
        self.zeros = np.zeros(OW * N, x.dtype)  # NumPy compares with an array faster than with 0
        # What to multiply: matrices (F, K) by pixels (H, ..., C, OW, N), of which KH rows are a
        # window.
        kernels, pixels = self.arrange(OW, N)
        a_row = len(kernels), self.pool_size[0], F, OW * N
        self.rows = max(1, min(OH, MAX_PRODUCTS_AT_ONCE // math.prod(a_row)))
        products = np.empty((a_row[0], self.rows, *a_row[1:]), x.dtype)
        windows = [self.windows(p) for p in pixels]
        self.factors = list(zip(kernels, windows, products, strict=True))

    def windows(self, pixels: np.ndarray) -> np.ndarray:
        """View ``pixels`` (H, ..., C, OW, N) as windows (OH, PH, KH * ... * C, OW * N).

        They overlap: each begins SH rows of pixels after the one before it.
        """
        PH, KH, SH = self.pool_size[0], self.layer.kernel_size[0], self.layer.strides[0]
        row, channel, item = pixels.strides[0], pixels.strides[-3], pixels.itemsize
        shape = len(self.y), PH, KH * row // channel, channel // item
        return as_strided(pixels, shape, (PH * SH * row, SH * row, channel, item), writeable=False)

    def arrange(self, OW: int, N: int) -> tuple[list[np.ndarray], np.ndarray]:
        """Return the kernels, and room for the pixels, of each column of a pooling window."""
        H, C, _, _ = self.padded.shape
        KW, SW, PW = self.layer.kernel_size[1], self.layer.strides[1], self.pool_size[1]
        # (PW, H, KW, C, OW, N): pixel b of the window that makes column p of pooling window ow
        # is that in column (PW * ow + p) * SW + b of the image.
        shape = PW, H, KW, C, OW, N
        row, channel, column, image = self.padded.strides
        strides = SW * column, row, column, channel, PW * SW * column, image
        self.shifted = as_strided(self.padded, shape, strides, writeable=False)
        self.copies = np.empty(shape, self.padded.dtype)
        # (KH, KW, C, F) -> (F, KH * KW * C)
        return [self.layer.kernel_matrix.T.copy()] * PW, self.copies

    def run(self) -> None:
        """Compute ``y`` from ``x``."""
        if self.padded is not self.x:
            self.inside[...] = self.x
        self.gather()
        OH, F, OW, N = self.y.shape
        y = self.y.reshape(OH, F, OW * N)
        for start in range(0, OH, self.rows):
            part = y[start : start + self.rows]
            first, *others = self.columns(start, len(part))
            for other in others:
                np.maximum(first, other, out=first)
            # (rows, PH, F, OW * N) -> (rows, F, OW * N)
            np.maximum.reduce(first, axis=1, out=part)
            if self.bias is not None:
                part += self.bias
            if self.relu:
                np.maximum(part, self.zeros, out=part)

    def gather(self) -> None:
        """Copy each row, shifted by 0 to KW - 1 pixels."""
        np.copyto(self.copies, self.shifted)

    def columns(self, start: int, rows: int) -> list[np.ndarray]:
        """Return arrays (rows, PH, F, OW * N), one for each column of a pooling window."""
        return [
            # (F, K) @ (rows, PH, K, OW * N) -> (rows, PH, F, OW * N)
            np.matmul(kernels, windows[start : start + rows], out=products[:rows])
            for kernels, windows, products in self.factors
        ]


class Winograd(Convolution):
    """The same for kernels three wide and windows two wide, with fewer multiplications: F(2, 3).

    A row (g0, g1, g2) of a kernel makes two neighboring pixels of four, d0 to d3:

        left = d0 g0 + d1 g1 + d2 g2
        right = d1 g0 + d2 g1 + d3 g2

    Six multiplications. Winograd found how to do with four:

        m0 = (d0 - d2) g0
        m1 = (d1 + d2) (g0 + g1 + g2) / 2
        m2 = (d2 - d1) (g0 - g1 + g2) / 2
        m3 = (d1 - d3) g2
        left = m0 + m1 + m2
        right = m1 - m2 - m3

    The sums of kernels are made once for all images, and those of pixels once for all kernels,
    in place of the shifted copies. Where there are many channels, what is added is little
    beside the third of the products that is saved.

    References
    ----------
    Lavin and Gray, "Fast algorithms for convolutional neural networks", CVPR (2016).
    """

    def arrange(self, OW: int, N: int) -> tuple[list[np.ndarray], np.ndarray]:
        """Return the sums of kernels, and room for the sums of pixels."""
        H, C, _, _ = self.padded.shape
        self.sums = np.empty((4, H, C, OW, N), self.padded.dtype)
        g0, g1, g2 = np.moveaxis(self.layer.params["kernel"], 1, 0)
        kernels = g0, (g0 + g1 + g2) / 2, (g0 - g1 + g2) / 2, g2
        # Each (KH, C, F) -> (F, KH * C)
        return [np.ascontiguousarray(g.reshape(-1, g.shape[2]).T) for g in kernels], self.sums

    def gather(self) -> None:
        """Add and subtract pixels: each sum is (H, C, OW, N)."""
        OW = self.y.shape[2]
        d0, d1, d2, d3 = (self.padded[:, :, k : k + 2 * OW - 1 : 2] for k in range(4))
        np.subtract(d0, d2, out=self.sums[0])
        np.add(d1, d2, out=self.sums[1])
        np.subtract(d2, d1, out=self.sums[2])
        np.subtract(d1, d3, out=self.sums[3])

    def columns(self, start: int, rows: int) -> list[np.ndarray]:
        """Return the left and the right column of all pooling windows."""
        m0, m1, m2, m3 = super().columns(start, rows)
        m0 += m1
        m0 += m2
        m1 -= m2
        m1 -= m3
        return [m0, m1]
