"""Convolution and pooling with the batch innermost in memory (inference.py explains why).

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

# How many products may be written before pooling reads them. Fewer mean more calls; more may
# no longer be in the cache. A wide range in between is about equally fast.
MAX_PRODUCTS_AT_ONCE = 2**19
# From this many channels on, saving a third of the products outweighs Winograd's extra sums.
MIN_CHANNELS_FOR_WINOGRAD = 8


def convolution(layer: Conv2D | ConvPool, x: np.ndarray) -> Convolution:
    """Return the cheapest way to compute ``layer`` from ``x`` (H, C, W, N)."""
    if type(layer) is ConvPool:
        conv = layer.convolution
        widths = conv.kernel_size[1], conv.strides[1], layer.pool_size[1]
        if widths == (3, 1, 2) and conv.input_shape[2] >= MIN_CHANNELS_FOR_WINOGRAD:
            return Winograd(layer, x)
    return Convolution(layer, x)


class Convolution:
    """Conv2D, optionally followed by ReLU and MaxPool2D.

    `run` reads ``x`` (H, C, W, N) and writes ``y`` (OH, F, OW, N). Pooling windows have PH x PW
    pixels (1 x 1 without pooling). The left columns of all windows are computed together, then
    the next columns of all windows, and so on.
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
        # What to multiply: matrices (F, K) by pixels (H, ..., C, OW, N), of which KH rows form
        # a window.
        kernels, pixels = self.arrange(OW, N)
        a_row = len(kernels), self.pool_size[0], F, OW * N
        self.rows = max(1, min(OH, MAX_PRODUCTS_AT_ONCE // math.prod(a_row)))
        products = np.empty((a_row[0], self.rows, *a_row[1:]), x.dtype)
        windows = [self.windows(p) for p in pixels]
        self.factors = list(zip(kernels, windows, products, strict=True))

    def windows(self, pixels: np.ndarray) -> np.ndarray:
        """View ``pixels`` (H, ..., C, OW, N) as windows (OH, PH, KH * ... * C, OW * N).

        They overlap: each starts SH rows of pixels after the previous one.
        """
        PH, KH, SH = self.pool_size[0], self.layer.kernel_size[0], self.layer.strides[0]
        row, channel, item = pixels.strides[0], pixels.strides[-3], pixels.itemsize
        shape = len(self.y), PH, KH * row // channel, channel // item
        return as_strided(pixels, shape, (PH * SH * row, SH * row, channel, item), writeable=False)

    def arrange(self, OW: int, N: int) -> tuple[list[np.ndarray], np.ndarray]:
        """Return the kernels for each column of a pooling window, and space for the pixels."""
        H, C, _, _ = self.padded.shape
        KW, SW, PW = self.layer.kernel_size[1], self.layer.strides[1], self.pool_size[1]
        # (PW, H, KW, C, OW, N): pixel b of the window for column p of pooling window ow
        # is in column (PW * ow + p) * SW + b of the image.
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
        """Return arrays (rows, PH, F, OW * N), one for each column of the pooling windows."""
        return [
            # (F, K) @ (rows, PH, K, OW * N) -> (rows, PH, F, OW * N)
            np.matmul(kernels, windows[start : start + rows], out=products[:rows])
            for kernels, windows, products in self.factors
        ]


class Winograd(Convolution):
    """The same for kernels three wide and windows two wide, with fewer multiplications: F(2, 3).

    A row (g0, g1, g2) of a kernel turns four pixels, d0 to d3, into two neighboring outputs:

        left = d0 g0 + d1 g1 + d2 g2
        right = d1 g0 + d2 g1 + d3 g2

    That takes six multiplications. Winograd found a way to use only four:

        m0 = (d0 - d2) g0
        m1 = (d1 + d2) (g0 + g1 + g2) / 2
        m2 = (d2 - d1) (g0 - g1 + g2) / 2
        m3 = (d1 - d3) g2
        left = m0 + m1 + m2
        right = m1 - m2 - m3

    The sums of kernel numbers are computed once for all images, and the sums of pixels once for
    all kernels, in place of the shifted copies. With many channels, these sums cost little
    compared with the third of the products that is saved.

    References
    ----------
    Lavin and Gray, "Fast algorithms for convolutional neural networks", CVPR (2016).
    """

    def arrange(self, OW: int, N: int) -> tuple[list[np.ndarray], np.ndarray]:
        """Return the sums of kernel numbers, and space for the sums of pixels."""
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
