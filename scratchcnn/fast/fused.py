"""Conv2D, ReLU and MaxPool2D in one go: the same numbers in an order that memory likes.

Notebook 07 tells how it comes about. Computed one after the other, the convolution lays
its pixels out row by row, and the pooling then picks every second pixel of every second
row: short jumps all over memory, which cost more than the arithmetic. Here the pixels
are computed in another order, phase by phase. A *phase* is one place in the pooling
window (for 2x2: top left, top right, bottom left, bottom right). All pixels of a phase
lie side by side, so that pooling is a maximum of four long, contiguous arrays, and its
backward pass a few comparisons of such arrays.

Two more savings come for free: pixels that an odd size would drop are never computed, and
ReLU, which never changes which of two numbers is larger, is done after the maximum, on a
quarter of the numbers.
"""

import numpy as np

from scratchcnn.layers.activations import ReLU
from scratchcnn.layers.base import Layer
from scratchcnn.layers.convolution import Conv2D
from scratchcnn.layers.pooling import MaxPool2D


def fuse(layers: list[Layer]) -> list[Layer]:
    """Return ``layers`` with every Conv2D (, ReLU), MaxPool2D run replaced by a `ConvPool`.

    Only built layers whose pooling windows tile the image are joined; results stay equal,
    and gradients still appear in the `grads` of the layers themselves. (Where the bias is so much
    larger than two pixels that rounding would make them equal, the larger still wins here.)
    """
    fused: list[Layer] = []
    rest = list(layers)
    while rest:
        size = 3 if len(rest) > 2 and type(rest[1]) is ReLU else 2
        if _can_fuse(rest[:size]):
            fused.append(ConvPool(rest[0], rest[size - 1], relu=size == 3))
            rest = rest[size:]
        else:
            fused.append(rest.pop(0))
    return fused


def _can_fuse(run: list[Layer]) -> bool:
    # type() and not isinstance(): a subclass may compute something else.
    return (
        len(run) > 1
        and type(run[0]) is Conv2D
        and type(run[-1]) is MaxPool2D
        and run[-1].strides == run[-1].pool_size
        and run[-1].padding == "valid"
    )


class ConvPool(Layer):
    """A Conv2D and the MaxPool2D behind it, perhaps with a ReLU between, as one layer.

    Parameters
    ----------
    convolution, pooling : Conv2D, MaxPool2D
        Built layers, the second on the first's output. `params` and `grads` are the
        convolution's own dicts.
    relu : bool
        Whether a ReLU stands between.
    """

    def __init__(self, convolution: Conv2D, pooling: MaxPool2D, relu: bool = False) -> None:
        super().__init__()
        self.convolution = convolution
        self.relu = relu
        self.input_shape, self.output_shape = (convolution.input_shape, pooling.output_shape)
        self.dtype = convolution.dtype
        self.params, self.grads = convolution.params, convolution.grads
        OH, OW, _ = pooling.output_shape
        PH, PW = pooling.pool_size
        KH, KW = convolution.kernel_size
        # (OH * PH, OW * PW, KH, KW) -> (OH, PH, OW, PW, KH, KW) -> (PH, PW, OH, OW, KH, KW)
        table = convolution.window_pixels[: OH * PH, : OW * PW]
        table = table.reshape(OH, PH, OW, PW, KH, KW).transpose(1, 3, 0, 2, 4, 5)
        # -> (phases, OH, OW, KH, KW)
        self.window_pixels = np.ascontiguousarray(table).reshape(PH * PW, OH, OW, KH, KW)
        self.pool_size = PH, PW

    @property
    def name(self) -> str:
        """Errors speak of the layer that the reader made."""
        return "Conv2D"

    def make_workspace(self, images: int) -> dict[str, np.ndarray]:
        """Room for windows, phases, winners and their gradients."""
        phases, OH, OW = self.window_pixels.shape[:3]
        shape = images, phases, OH * OW * self.convolution.filters
        return self.convolution.windows_and_rows(images, self.window_pixels) | {
            "phases": np.empty(shape, self.dtype),
            "won": np.empty(shape, bool),
            "dphases": np.empty(shape, self.dtype),
        }

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return the pooled feature maps (N, OH, OW, F) of the images ``x`` (N, H, W, C)."""
        x = self.check_input(x)
        conv, work = self.convolution, self.workspace(len(x))
        conv.gather(x, self.window_pixels, out=work.windows)
        # (N * phases * OH * OW, KH * KW * C) @ (KH * KW * C, F) -> (N * phases * OH * OW, F)
        size, F = conv.kernel_matrix.shape
        np.dot(work.rows.reshape(-1, size), conv.kernel_matrix, out=work.phases.reshape(-1, F))
        self._pooled = np.maximum.reduce(work.phases, axis=1)
        y = self._with_bias()
        if self.relu:
            return np.maximum(y, 0)
        # Whoever receives the maps may write to them, and `backward` needs the maxima.
        return y if conv.use_bias else y.copy()

    def _with_bias(self) -> np.ndarray:
        """Return the pooled maps before ReLU: (N, OH * OW * F) -> (N, OH, OW, F)."""
        pooled = self._pooled.reshape(-1, *self.output_shape)
        # The bias is the same for all pixels of a window, so it may wait until after the maximum.
        return pooled + self.params["bias"] if self.convolution.use_bias else pooled

    def parameter_gradients(self, dy: np.ndarray) -> None:
        """Route ``dy`` to the winners, then dL/dkernel = windows.T @ winners' gradients."""
        conv = self.convolution
        if self.relu:
            dy = dy * (self._with_bias() > 0)
        rows, dphases = self.workspace(len(dy)).rows, self._route_to_winners(dy)
        conv.grads["kernel"] = conv.kernel_gradient(rows, dphases)
        if conv.use_bias:
            conv.grads["bias"] = dy.sum(axis=(0, 1, 2))

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Return dL/dx; call `parameter_gradients` first, which finds the winners."""
        PH, PW = self.pool_size
        OH, OW, F = self.output_shape
        # Back to rows and columns, as the convolution laid them out:
        # (N, PH * PW, OH * OW * F) -> (N, PH, PW, OH, OW, F) -> (N, OH, PH, OW, PW, F)
        dphases = self.workspace(len(dy)).dphases.reshape(-1, PH, PW, OH, OW, F)
        dphases = dphases.transpose(0, 3, 1, 4, 2, 5)
        # -> (N, OH * PH, OW * PW, F)
        return self.convolution.input_gradient(dphases.reshape(-1, OH * PH, OW * PW, F))

    def _route_to_winners(self, dy: np.ndarray) -> np.ndarray:
        """Give each window's gradient to its first maximum: -> (N, phases, OH * OW * F)."""
        work = self.workspace(len(dy))
        won = np.equal(work.phases, self._pooled[:, None], out=work.won)
        taken = won[:, 0]
        for k in range(1, won.shape[1]):
            # True > False: in a tie an earlier phase has won already.
            np.greater(won[:, k], taken, out=won[:, k])
            taken = taken | won[:, k]
        # (N, OH, OW, F) -> (N, 1, OH * OW * F), times (N, phases, OH * OW * F)
        return np.multiply(dy.reshape(len(dy), 1, -1), won, out=work.dphases)
