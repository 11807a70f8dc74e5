"""Conv2D: slide small kernels over an image (notebook 01)."""

from __future__ import annotations

import numpy as np

from scratchcnn._utils.validation import check_count, check_flag, pair
from scratchcnn.initializers import get_initializer
from scratchcnn.layers.base import Layer

# Below this many numbers a window, the product of windows and gradients is so thin that BLAS
# is twice as fast when it gets one image at a time.
THIN = 64


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
        self.kernel_size = pair(kernel_size, "kernel_size")
        self.strides = pair(strides, "strides")
        self.padding = check_padding(padding)
        self.use_bias = check_flag(use_bias, "use_bias")
        self.kernel_initializer = kernel_initializer
        self._initialize = get_initializer(kernel_initializer)

    def build(
        self, input_shape: tuple[int, ...], rng: np.random.Generator, dtype: str = "float32"
    ) -> None:
        """Draw the kernels, and write down which pixels each window looks at."""
        super().build(input_shape, rng, dtype)
        if len(self.input_shape) != 3:
            raise ValueError(f"Conv2D needs images (H, W, C), got input_shape {input_shape}")
        *image_size, channels = self.input_shape
        self.pads = pad_widths(image_size, self.kernel_size, self.strides, self.padding)
        output_size = window_counts(
            image_size, self.kernel_size, self.strides, self.padding, "Conv2D"
        )
        self.output_shape = (*output_size, self.filters)
        padded_width = image_size[1] + sum(self.pads[1])
        self.window_pixels = window_pixels(
            output_size, self.kernel_size, self.strides, padded_width
        )

        shape = (*self.kernel_size, channels, self.filters)
        self.params = {"kernel": self._initialize(shape, rng).astype(self.dtype)}
        if self.use_bias:
            self.params["bias"] = np.zeros(self.filters, self.dtype)

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return the feature maps (N, OH, OW, F) of the images ``x`` (N, H, W, C)."""
        x = self.check_input(x)
        work = self.workspace(len(x))
        self.gather(x, self.window_pixels, out=work.windows)
        # (N, OH * OW, KH * KW * C) -> (N * OH * OW, KH * KW * C): a window a row
        y = np.dot(work.rows.reshape(-1, len(self.kernel_matrix)), self.kernel_matrix)
        if self.use_bias:
            y += self.params["bias"]
        # (N * OH * OW, F) -> (N, OH, OW, F)
        return y.reshape(-1, *self.output_shape)

    def parameter_gradients(self, dy: np.ndarray) -> None:
        """dL/dkernel: each window times the gradient of the pixel that it made, summed."""
        self.grads["kernel"] = self.kernel_gradient(self.workspace(len(dy)).rows, dy)
        if self.use_bias:
            self.grads["bias"] = dy.sum(axis=(0, 1, 2))

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """dL/dx: every output pixel hands its gradient back to the window it came from."""
        N, OH, OW, F = dy.shape
        (SH, SW), C = self.strides, self.input_shape[2]
        padded = self.empty_padded(N)
        rows_of_dy = dy.reshape(-1, F)  # (N, OH, OW, F) -> (N * OH * OW, F)
        share = np.empty((len(rows_of_dy), C), self.dtype)
        for i, j in np.ndindex(self.kernel_size):
            # x[i + SH * oh, j + SW * ow] was multiplied by kernel[i, j] to make y[oh, ow].
            np.dot(rows_of_dy, self.params["kernel"][i, j].T, out=share)
            rows, columns = slice(i, i + SH * OH, SH), slice(j, j + SW * OW, SW)
            padded[:, rows, columns] += share.reshape(N, OH, OW, C)
        return self.without_padding(padded)

    def make_workspace(self, images: int) -> dict[str, np.ndarray]:
        """Room for the windows, by pixel and channel and with a window a row."""
        return self.windows_and_rows(images, self.window_pixels)

    def windows_and_rows(self, images: int, pixels: np.ndarray) -> dict[str, np.ndarray]:
        """Return an array for `gather` to fill, and the same memory with a window a row.

        The first is (N, *pixels.shape, C), the second (N, windows, KH * KW * C).
        """
        windows = np.empty((images, *pixels.shape, self.input_shape[2]), self.dtype)
        return {"windows": windows, "rows": windows.reshape(images, -1, len(self.kernel_matrix))}

    @property
    def kernel_matrix(self) -> np.ndarray:
        """The kernels as a matrix (KH * KW * C, F), a kernel a column; a view, not a copy."""
        return self.params["kernel"].reshape(-1, self.filters)

    def gather(self, x: np.ndarray, pixels: np.ndarray, out: np.ndarray) -> None:
        """Copy the pixels of every window side by side: (N, H, W, C) -> (N, *pixels.shape, C).

        ``pixels`` numbers the pixels of the padded image row by row. Looking them up in a
        table made once costs a fifth of slicing the windows out anew for each image.
        """
        if self.padding == "same":
            x = np.pad(x, ((0, 0), *self.pads, (0, 0)))
        # (N, H, W, C) -> (N, H * W, C); mode="clip" only spares NumPy a temporary copy.
        x.reshape(len(x), -1, x.shape[3]).take(pixels, axis=1, out=out, mode="clip")

    def kernel_gradient(self, rows: np.ndarray, dy: np.ndarray) -> np.ndarray:
        """Sum each window times its output's gradient: -> (KH, KW, C, F).

        ``rows`` (N, windows, KH * KW * C) has a window a row, ``dy`` (N, ..., F) its gradient.
        """
        N, _, size = rows.shape
        if N > 1 and size < THIN:
            # (N, KH * KW * C, windows) @ (N, windows, F) -> (N, KH * KW * C, F)
            dkernel = (rows.transpose(0, 2, 1) @ dy.reshape(N, -1, self.filters)).sum(axis=0)
        else:
            # (KH * KW * C, N * windows) @ (N * windows, F) -> (KH * KW * C, F)
            dkernel = np.dot(rows.reshape(-1, size).T, dy.reshape(-1, self.filters))
        return dkernel.reshape(self.params["kernel"].shape)

    def empty_padded(self, count: int) -> np.ndarray:
        """Zeros in the shape of ``count`` padded images, to sum gradients in."""
        H, W, C = self.input_shape
        (top, bottom), (left, right) = self.pads
        return np.zeros((count, top + H + bottom, left + W + right, C), self.dtype)

    def without_padding(self, padded: np.ndarray) -> np.ndarray:
        """Cut the images (N, H, W, C) out of padded ones."""
        H, W, _ = self.input_shape
        (top, _), (left, _) = self.pads
        return padded[:, top : top + H, left : left + W]


def check_padding(padding: str) -> str:
    """Return ``padding``, or raise a ValueError that names the choices."""
    if padding not in ("valid", "same"):
        raise ValueError(f'padding is {padding!r}, expected "valid" or "same"')
    return padding


def pad_widths(
    image_size: tuple[int, int], window: tuple[int, int], strides: tuple[int, int], padding: str
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return ((top, bottom), (left, right)): the pixels to add so that Keras's sizes result."""
    if padding == "valid":
        return (0, 0), (0, 0)
    pads = []
    for size, extent, stride in zip(image_size, window, strides, strict=True):
        outputs = -(-size // stride)  # ceil(size / stride)
        total = max((outputs - 1) * stride + extent - size, 0)
        pads.append((total // 2, total - total // 2))
    return tuple(pads)


def window_counts(
    image_size: tuple[int, int],
    window: tuple[int, int],
    strides: tuple[int, int],
    padding: str,
    layer: str,
) -> tuple[int, int]:
    """Return (OH, OW): how many windows fit, one under the other and side by side."""
    pads = pad_widths(image_size, window, strides, padding)
    counts = [
        (size + sum(pad) - extent) // stride + 1
        for size, pad, extent, stride in zip(image_size, pads, window, strides, strict=True)
    ]
    if min(counts) < 1:
        raise ValueError(
            f"{layer}: a window of {window} does not fit into an image of {tuple(image_size)}; "
            'make it smaller or use padding="same"'
        )
    return tuple(counts)


def window_pixels(
    output_size: tuple[int, int], window: tuple[int, int], strides: tuple[int, int], width: int
) -> np.ndarray:
    """Return the table (OH, OW, KH, KW) of the pixel numbers in each window.

    Pixel (row, column) of an image of the given ``width`` has the number
    ``row * width + column``.
    """
    oh, ow, kh, kw = np.ogrid[: output_size[0], : output_size[1], : window[0], : window[1]]
    return (oh * strides[0] + kh) * width + (ow * strides[1] + kw)
