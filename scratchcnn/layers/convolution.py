"""Conv2D: slide small kernels over an image (lessons 01 and 02)."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from scratchcnn._utils.validation import check_count, check_flag
from scratchcnn._utils.windows import (
    as_pair,
    check_image_shape,
    check_padding,
    output_size,
    pad_widths,
)
from scratchcnn.initializers import get_initializer
from scratchcnn.layers.base import Layer, Shape


class Conv2D(Layer):
    """2-D convolution of images (N, H, W, C) with kernels (KH, KW, C, F).

    Each output pixel is the sum of one window of the input times a kernel,
    ``y[n, i, j, f] = sum(x[n, i*SH : i*SH + KH, j*SW : j*SW + KW, :] * kernel[..., f]) + bias[f]``
    (cross-correlation, as in every framework: the kernel is not flipped).

    Parameters
    ----------
    filters : int
        F, the number of kernels and of output channels.
    kernel_size : int or pair of int
        KH, KW.
    strides : int or pair of int
        SH, SW: how far the window moves, in pixels.
    padding : {"valid", "same"}
        "valid": windows stay inside the image, OH = (H - KH) // SH + 1.
        "same": zeros are added around it so that OH = ceil(H / SH); of an odd number of
        zero rows or columns the extra one goes to the bottom or right, as in Keras.
    use_bias : bool
        Whether a learned constant is added to each output channel.
    kernel_initializer : str
        How the kernels start; the bias starts at zero.

    Attributes
    ----------
    params : dict
        ``"kernel"`` (KH, KW, C, F) and, with a bias, ``"bias"`` (F,).
    """

    keras_class = "Conv2D"

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, int],
        strides: int | tuple[int, int] = 1,
        padding: str = "valid",
        use_bias: bool = True,
        kernel_initializer: str = "glorot_uniform",
    ) -> None:
        super().__init__()
        self.filters = check_count(filters, "filters")
        self.kernel_size = as_pair(kernel_size, "kernel_size")
        self.strides = as_pair(strides, "strides")
        self.padding = check_padding(padding)
        self.use_bias = check_flag(use_bias, "use_bias")
        self.kernel_initializer = kernel_initializer
        get_initializer(kernel_initializer)  # an unknown name is an error here, not in build

    def build(
        self, input_shape: Shape, rng: np.random.Generator, dtype: str | np.dtype = "float32"
    ) -> None:
        """Draw the kernels."""
        super().build(input_shape, rng, dtype)
        image_size = (input_shape[0], input_shape[1])
        self.pads = pad_widths(image_size, self.kernel_size, self.strides, self.padding)
        draw = get_initializer(self.kernel_initializer)
        self.params["kernel"] = draw(self.param_shapes(input_shape)["kernel"], rng)
        if self.use_bias:
            self.params["bias"] = np.zeros(self.filters)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(H, W, C) -> (OH, OW, F)."""
        H, W, _ = check_image_shape(input_shape, "Conv2D")
        size = output_size((H, W), self.kernel_size, self.strides, self.padding, "Conv2D")
        return (*size, self.filters)

    def param_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Return the shapes of the kernels (KH, KW, C, F) and of the bias (F,)."""
        shapes: dict[str, Shape] = {"kernel": (*self.kernel_size, input_shape[2], self.filters)}
        return shapes | ({"bias": (self.filters,)} if self.use_bias else {})

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return the feature maps (N, OH, OW, F) of the images ``x`` (N, H, W, C)."""
        x = self.check_input(x)
        columns = self.im2col(x)
        self.cache = columns
        # (N * OH * OW, KH * KW * C) @ (KH * KW * C, F) -> (N * OH * OW, F)
        y = np.dot(columns, self.kernel_matrix)
        if self.use_bias:
            y += self.params["bias"]
        # (N * OH * OW, F) -> (N, OH, OW, F)
        return y.reshape(len(x), *self.output_shape)

    def im2col(self, x: np.ndarray) -> np.ndarray:
        """Copy each window of ``x`` (N, H, W, C) into a row: -> (N * OH * OW, KH * KW * C)."""
        SH, SW = self.strides
        padded = np.pad(x, ((0, 0), *self.pads, (0, 0))) if self.padding == "same" else x
        # A view: (N, OH, OW, C, KH, KW), every window at every place where one begins
        windows = sliding_window_view(padded, self.kernel_size, axis=(1, 2))[:, ::SH, ::SW]
        # (N, OH, OW, C, KH, KW) -> (N, OH, OW, KH, KW, C) -> (N * OH * OW, KH * KW * C)
        return windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, len(self.kernel_matrix))

    def parameter_gradients(self, dy: np.ndarray) -> None:
        """dL/dkernel: each window times the gradient of the pixel that it made, summed."""
        columns = self.recall()
        rows_of_dy = dy.reshape(-1, self.filters)  # (N, OH, OW, F) -> (N * OH * OW, F)
        # (KH * KW * C, N * OH * OW) @ (N * OH * OW, F) -> (KH * KW * C, F) -> (KH, KW, C, F)
        dkernel = np.dot(columns.T, rows_of_dy).reshape(self.params["kernel"].shape)
        self.grads["kernel"] = dkernel
        if self.use_bias:
            self.grads["bias"] = rows_of_dy.sum(axis=0)

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """dL/dx: every output pixel hands its gradient back to the window it came from."""
        N, OH, OW, F = dy.shape
        H, W, C = self.input_shape
        SH, SW = self.strides
        (top, bottom), (left, right) = self.pads
        dpadded = np.zeros((N, top + H + bottom, left + W + right, C), self.dtype)
        rows_of_dy = dy.reshape(-1, F)  # (N, OH, OW, F) -> (N * OH * OW, F)
        for a, b in np.ndindex(self.kernel_size):
            # x[a + SH * i, b + SW * j] was multiplied by kernel[a, b] to make y[i, j].
            rows, columns = slice(a, a + SH * OH, SH), slice(b, b + SW * OW, SW)
            # (N * OH * OW, F) @ (F, C) -> (N * OH * OW, C) -> (N, OH, OW, C)
            share = np.dot(rows_of_dy, self.params["kernel"][a, b].T).reshape(N, OH, OW, C)
            dpadded[:, rows, columns] += share
        return dpadded[:, top : top + H, left : left + W]

    @property
    def kernel_matrix(self) -> np.ndarray:
        """The kernels as a matrix (KH * KW * C, F), a kernel a column; a view, not a copy."""
        return self.params["kernel"].reshape(-1, self.filters)
