"""Figures of notebook 01 about kernels: what they answer, what they learn, how long it takes."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from scratchcnn.plots.arrays import draw_numbers
from scratchcnn.plots.style import BLUE, GRAY, IMAGE, SIGNED, new_figure, styled


def draw_filters(
    image: np.ndarray,
    kernels: Sequence[np.ndarray],
    maps: Sequence[np.ndarray],
    names: Sequence[str],
    limit: float = 1.0,
) -> Figure:
    """Draw an image, kernels with their numbers, and below each its feature map.

    Kernels share one scale and feature maps share another; both are symmetric about zero.
    ``limit`` is the value of full color in the maps.
    """
    n = len(kernels)
    figure, axes = new_figure(2, n + 1, 9, 4.1, height_ratios=(0.85, 1))
    strongest = max(np.abs(kernel).max() for kernel in kernels)
    with styled():
        axes[0].set_axis_off()
        axes[n + 1].imshow(image, cmap=IMAGE)
        axes[n + 1].set_title("Image")
        for k in range(n):
            draw_numbers(axes[1 + k], kernels[k], signed=True, digits=2, limit=strongest)
            axes[1 + k].set_title(names[k])
            picture = axes[n + 2 + k].imshow(maps[k], cmap=SIGNED, vmin=-limit, vmax=limit)
        for axis in axes[n + 1 :]:
            axis.set_axis_off()
        over = max(np.abs(feature_map).max() for feature_map in maps) > limit
        figure.colorbar(picture, ax=axes[n + 2 :], shrink=0.8, extend="both" if over else "neither")
    return figure


def draw_channels(windows: np.ndarray, kernel: np.ndarray, bias: float) -> Figure:
    """Draw how one output pixel sums over the channels of its window.

    Parameters
    ----------
    windows, kernel : ndarray (KH, KW, C)
        What the kernel sees, and the kernel.
    bias : float
        Added in the end.
    """
    channels = kernel.shape[2]
    products = windows * kernel
    sums = products.sum(axis=(0, 1))
    figure, axes = new_figure(channels, 4, 7.4, 1.75 * channels + 0.6, width_ratios=(1, 1, 1, 0.8))
    limit = np.abs(products).max()
    with styled():
        for c in range(channels):
            window_axis, kernel_axis, product_axis, text_axis = axes[4 * c : 4 * c + 4]
            draw_numbers(window_axis, windows[..., c], signed=False)
            window_axis.set_ylabel(f"Channel {c}")
            draw_numbers(kernel_axis, kernel[..., c], signed=True)
            draw_numbers(product_axis, products[..., c], signed=True, limit=limit)
            text_axis.text(0, 0.5, f"sum {_number(sums[c])}", va="center", fontsize=13)
            text_axis.set_axis_off()
        for axis, title in zip(axes, ("Window", "Kernel", "Products"), strict=False):
            axis.set_title(title)
        terms = " + ".join(f"({_number(s)})" if s < 0 else _number(s) for s in [*sums, bias])
        figure.suptitle(
            f"Channel sums and bias: {terms} = {_number(sums.sum() + bias)}", fontsize=13
        )
    return figure


def draw_learning(
    kernels: Sequence[np.ndarray], titles: Sequence[str], losses: Sequence[float]
) -> Figure:
    """Draw a kernel at some steps of its training, on one scale, and the loss at every step."""
    n = len(kernels)
    figure, axes = new_figure(1, n + 1, 9, 2.5, width_ratios=[1] * n + [1.3])
    limit = max(np.abs(kernel).max() for kernel in kernels)
    with styled():
        for axis, kernel, title in zip(axes, kernels, titles, strict=False):
            draw_numbers(axis, kernel, signed=True, digits=2, limit=limit)
            axis.set_title(title)
        axes[n].plot(losses)
        axes[n].set(yscale="log", xlabel="Step", ylabel="Loss")
    return figure


def draw_times(seconds: dict[str, float]) -> Figure:
    """Draw times as bars on a log axis; the first is the one that the others are compared to."""
    names, times = list(seconds), np.array(list(seconds.values()))
    figure, (axis,) = new_figure(1, 1, 9, 0.5 * len(names) + 0.9)
    with styled():
        axis.barh(names, times * 1e3, color=[GRAY] + [BLUE] * (len(names) - 1), height=0.6)
        for k, time in enumerate(times):
            faster = "" if k == 0 else f"   {times[0] / time:,.0f} times faster"
            axis.text(time * 1.15e3, k, f"{time * 1e3:.3g} ms{faster}", va="center")
        axis.set(xscale="log", xlabel="Milliseconds for one image (log scale)")
        axis.set_xlim(times.min() * 1e3 / 3, times.max() * 1e3 * 6)
        axis.invert_yaxis()
    return figure


def _number(value: float) -> str:
    """Write a number with a true minus sign and no superfluous decimals."""
    return f"{value:g}".replace("-", "\N{MINUS SIGN}")
