"""One window times a kernel, number by number: the picture behind a convolution's arithmetic."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from scratchcnn.plots.arrays import matrices
from scratchcnn.plots.cells import rectangle
from scratchcnn.plots.display import described
from scratchcnn.plots.style import INK, styled
from scratchcnn.plots.words import sized


def window_product(
    x: np.ndarray,
    k: np.ndarray,
    place: tuple[int, int],
    titles: Sequence[str] = ("Image", "Window", "Kernel"),
    border: int = 0,
) -> Figure:
    """Draw how one output of a cross-correlation comes about, from the window to the sum.

    Parameters
    ----------
    x, k : ndarray (H, W), (KH, KW)
        What the window slides over, and what the window is multiplied by. ``x`` is drawn in gray
        if nothing in it is negative.
    place : (int, int)
        i, j, the place of the output.
    titles : (str, str, str)
        The titles of ``x``, of the window and of ``k``.
    border : int
        Zeros to put on each side of ``x`` first. The numbers of ``x`` itself are then outlined.
    """
    (i, j), (KH, KW) = place, k.shape
    padded = np.pad(x, border)
    window = padded[i : i + KH, j : j + KW]
    signed = bool((x < 0).any())
    figure = matrices(
        [padded, window, k, window * k, [[(window * k).sum()]]],
        [*titles, "Products", "Sum"],
        signed=[signed, signed, True, True, True],
        boxes=[[(i, j, KH, KW)], [], [], [], []],
        symbols=["→", "×", "=", "→"],
        cell=0.36 if border else 0.4,
    )
    if not border:
        return figure
    with styled():
        height, width = x.shape
        rectangle(
            figure.axes[0], border - 0.5, border - 0.5, width, height, fill=False, ec=INK, lw=2
        )
    return described(
        figure,
        f"{figure.alt} A dark line surrounds the inner {sized(x.shape)} numbers of {titles[0]}; "  # type: ignore[attr-defined]
        f"around them are {border} rows and columns of zeros on each side.",
    )
