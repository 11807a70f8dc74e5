"""Conv2D: slide small kernels over an image (lessons 01 and 02)."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from scratchcnn._utils.validation import check_count, check_flag
from scratchcnn._utils.windows import Pair, WindowGeometry, as_pair, check_padding
from scratchcnn.initializers import check_initializer
from scratchcnn.layers.base import Layer, Shape


class Conv2D(WindowGeometry, Layer):
    """2-D convolution of images (N, H, W, C) with kernels (KH, KW, C, F).

    Each output pixel is the sum of one window of the input times a kernel,
    ``y[n, i, j, f] = sum(x[n, i*SH : i*SH + KH, j*SW : j*SW + KW, :] * kernel[..., f]) + bias[f]``
    (cross-correlation, as in every framework: the kernel is not flipped).

    Parameters
    ----------
    filters : int
        F, the number of kernels and of output channels.
    kernel_size, strides : int or pair of int
        (KH, KW), the size of a kernel, and (SH, SW), how far the window moves.
    padding : {"valid", "same"}
        "valid": windows stay inside the image, OH = (H - KH) // SH + 1. "same": zeros are added
        around it so that OH = ceil(H / SH). If the number of added rows or columns is odd, the
        extra one goes at the bottom or right, as in Keras.
    use_bias : bool
        Whether a learned constant is added to each output channel.
    kernel_initializer : str
        How to initialize ``params["kernel"]``; ``params["bias"]`` (F,) starts at zero.
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
        self.kernel_initializer = check_initializer(kernel_initializer)

    @property
    def window(self) -> Pair:
        """(KH, KW)."""
        return self.kernel_size

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(H, W, C) -> (OH, OW, F)."""
        return (*super().compute_output_shape(input_shape)[:2], self.filters)

    def param_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Return the shapes of the kernels (KH, KW, C, F) and of the bias (F,)."""
        shapes: dict[str, Shape] = {"kernel": (*self.kernel_size, input_shape[2], self.filters)}
        return shapes | ({"bias": (self.filters,)} if self.use_bias else {})

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return the feature maps (N, OH, OW, F) of the images ``x`` (N, H, W, C)."""
        x = self.check_input(x)
        self.cache = columns = self.im2col(x)
        # (N * OH * OW, KH * KW * C) @ (KH * KW * C, F) -> (N * OH * OW, F)
        y = np.dot(columns, self.kernel_matrix)
        if self.use_bias:
            y += self.params["bias"]
        # (N * OH * OW, F) -> (N, OH, OW, F)
        return y.reshape(len(x), *self.output_shape)

    def im2col(self, x: np.ndarray) -> np.ndarray:
        """Copy each window of ``x`` (N, H, W, C) into a row: -> (N * OH * OW, KH * KW * C)."""
        SH, SW = self.strides
        # A view of all windows: (N, OH, OW, C, KH, KW)
        windows = sliding_window_view(self.pad(x, 0), self.kernel_size, axis=(1, 2))[:, ::SH, ::SW]
        # (N, OH, OW, C, KH, KW) -> (N, OH, OW, KH, KW, C) -> (N * OH * OW, KH * KW * C)
        return windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, len(self.kernel_matrix))

    def parameter_gradients(self, dy: np.ndarray) -> None:
        """dL/dkernel: the sum over all windows of window times output gradient."""
        rows_of_dy = dy.reshape(-1, self.filters)  # (N, OH, OW, F) -> (N * OH * OW, F)
        # (KH * KW * C, N * OH * OW) @ (N * OH * OW, F) -> (KH * KW * C, F) -> (KH, KW, C, F)
        dkernel = np.dot(self.recall().T, rows_of_dy)
        self.grads["kernel"] = dkernel.reshape(self.params["kernel"].shape)
        if self.use_bias:
            self.grads["bias"] = rows_of_dy.sum(axis=0)

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """dL/dx: each output pixel passes its gradient back to its window."""
        N, OH, OW, F = dy.shape
        rows_of_dy = dy.reshape(-1, F)  # (N, OH, OW, F) -> (N * OH * OW, F)
        # The weights for position k of a window: (KH, KW, C, F) -> (KH * KW, C, F) -> (F, C)
        weights = self.kernel_matrix.reshape(-1, self.input_shape[2], F).swapaxes(1, 2)

        def share(k: int) -> np.ndarray:
            # (N * OH * OW, F) @ (F, C) -> (N * OH * OW, C) -> (N, OH, OW, C)
            return np.dot(rows_of_dy, weights[k]).reshape(N, OH, OW, -1)

        return self.add_to_windows(share, N, OH, OW)

    @property
    def kernel_matrix(self) -> np.ndarray:
        """The kernels as a matrix (KH * KW * C, F), one per column; a view, not a copy."""
        return self.params["kernel"].reshape(-1, self.filters)
