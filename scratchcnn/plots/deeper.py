"""Figures of notebook 06: what depth sees, how steps are taken, what a filter waits for."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle
from matplotlib.ticker import PercentFormatter

from scratchcnn.plots.style import BLUE, GRAY, IMAGE, INK, ORANGE, SEQUENTIAL, new_figure, styled

PURPLE = "#7a3e9d"
COLORS = (BLUE, ORANGE, PURPLE, GRAY)
DASHES = ("-", "--", "-.", ":")


def pyramid(layers: Sequence[tuple[str, int, int]], margin: int = 2) -> Figure:
    """Draw a stack along one axis: a pixel at the top, and everything below that it sees.

    Parameters
    ----------
    layers : sequence of (name, window, stride)
        From the image upwards.
    margin : int
        Pixels of the image to show on either side of what is seen.
    """
    # From the top down: how many units are seen, and how many image pixels apart they are.
    counts, jumps = [1], [1]
    for _, window, stride in reversed(layers):
        counts.insert(0, (counts[0] - 1) * stride + window)
    for _, _, stride in layers:
        jumps.append(jumps[-1] * stride)
    names = ["Image", *(name for name, _, _ in layers)]
    figure, (axis,) = new_figure(1, 1, 9.0, 0.72 * len(names) + 0.4)
    middle, height = counts[0] / 2, 0.52
    with styled():
        for level, (name, count, jump) in enumerate(zip(names, counts, jumps, strict=True)):
            first = middle - count * jump / 2
            aside = int((first + margin) // jump)
            for unit in range(-aside, count + aside):
                seen = 0 <= unit < count
                axis.add_patch(
                    Rectangle(
                        (first + (unit + 0.06) * jump, level),
                        0.88 * jump,
                        height,
                        facecolor=ORANGE
                        if seen and level in (0, len(layers))
                        else "#f3d3b5"
                        if seen
                        else "#eceef1",
                        edgecolor="none",
                    )
                )
            if level:
                below = counts[level - 1] * jumps[level - 1] / 2
                corners = [
                    (middle - count * jump / 2, level),
                    (middle + count * jump / 2, level),
                    (middle + below, level - 1 + height),
                    (middle - below, level - 1 + height),
                ]
                axis.add_patch(Polygon(corners, facecolor=ORANGE, alpha=0.12, edgecolor="none"))
            axis.text(-margin - 0.4, level + height / 2, name, ha="right", va="center")
            text = f"{count} pixel" + "s" * (count != 1)
            axis.text(counts[0] + margin + 0.4, level + height / 2, text, va="center")
        axis.set(xlim=(-margin - 4, counts[0] + margin + 3), ylim=(-0.1, len(names) - 0.35))
        axis.set_axis_off()
    return figure


def receptive_fields(
    image: np.ndarray, boxes: Mapping[str, tuple[int, int, int]], paths: Sequence[np.ndarray]
) -> Figure:
    """Draw an image with what one output pixel sees of it, and how strongly, layer by layer.

    Parameters
    ----------
    image : ndarray (H, W)
    boxes : mapping of str to (row, column, size)
        For each layer, the square of pixels that it sees.
    paths : sequence of ndarray (H, W)
        For each layer, on how many ways a pixel reaches the output pixel.
    """
    figure, (left, *others) = new_figure(
        1, 1 + len(boxes), 9.0, 2.5, width_ratios=[1.45] + [1] * len(boxes)
    )
    largest = max(boxes.values(), key=lambda box: box[2])
    row, column, size = largest
    with styled():
        left.imshow(image, cmap=IMAGE)
        for (top, start, extent), color in zip(boxes.values(), _shades(len(boxes)), strict=True):
            left.add_patch(
                Rectangle((start - 0.5, top - 0.5), extent, extent, fill=False, ec=color, lw=2.2)
            )
        left.set(title="Image")
        left.set_axis_off()
        panels = zip(others, boxes.items(), paths, _shades(len(boxes)), strict=True)
        for axis, (name, box), ways, color in panels:
            near = ways[row - 1 : row + size + 1, column - 1 : column + size + 1]
            axis.imshow(np.where(near > 0, near, np.nan), cmap=SEQUENTIAL, vmin=0)
            axis.set(title=f"{name}\n{box[2]} × {box[2]}", xticks=[], yticks=[])
            axis.set_facecolor("#eceef1")
            axis.spines[:].set(visible=True, color=color, linewidth=2.2)
    return figure


def relu(before: np.ndarray, after: np.ndarray) -> Figure:
    """Draw ReLU as a curve with its slope, and a feature map (H, W) before and after it."""
    figure, (curve, left, right) = new_figure(1, 3, 9.0, 2.7, width_ratios=[1.4, 1, 1])
    x = np.array([-2.0, 0.0, 2.0])
    limit = np.abs(before).max()
    with styled():
        curve.plot(x, np.maximum(x, 0), color=BLUE, lw=3, label="max(x, 0)")
        curve.plot([-2, 0], [0, 0], color=ORANGE, ls="--", label="its slope")
        curve.plot([0, 2], [1, 1], color=ORANGE, ls="--")
        curve.set(xlabel="x", xlim=(-2, 2), ylim=(-0.1, 2))
        curve.legend(loc="upper left")
        for axis, maps, title in ((left, before, "Before"), (right, after, "After ReLU")):
            picture = axis.imshow(maps, cmap="RdBu_r", vmin=-limit, vmax=limit)
            axis.set_title(title)
            axis.set_axis_off()
        figure.colorbar(picture, ax=[left, right], shrink=0.85).outline.set_visible(False)
    return figure


def bowl_paths(paths: Mapping[str, np.ndarray], curvatures: tuple[float, float]) -> Figure:
    """Draw the ways of several optimizers down ``L = (c0 * a**2 + c1 * b**2) / 2``.

    Parameters
    ----------
    paths : mapping of str to ndarray (T + 1, 2)
        For each name, (a, b) before the first and after each update.
    curvatures : (float, float)
        c0 and c1.
    """
    figure, axes = new_figure(1, len(paths) + 1, 9.0, 2.6, width_ratios=[1] * len(paths) + [1.1])
    reach_a, reach_b = (1.15 * max(np.abs(p[:, k]).max() for p in paths.values()) for k in (0, 1))
    a, b = np.meshgrid(np.linspace(-reach_a, reach_a, 200), np.linspace(-reach_b, reach_b, 200))
    height = _bowl(np.stack([a, b], axis=-1), curvatures)
    levels = height.max() * np.linspace(0, 1, 10)[1:] ** 2
    with styled():
        for axis, (name, path), color in zip(axes, paths.items(), COLORS, strict=False):
            axis.contour(a, b, height, levels=levels, colors=[GRAY], linewidths=0.6, alpha=0.6)
            axis.plot(*path.T, "o-", color=color, ms=3, lw=1.2)
            axis.plot(*path[0], "o", color=INK, ms=7)
            axis.plot(0, 0, "+", color=INK, ms=11, mew=2)
            axis.set(xlabel="a", xticks=[0], yticks=[0])
            axis.set_title(name, color=color)
        axes[0].set_ylabel("b", rotation=0, va="center", labelpad=10)
        _draw_losses(axes[-1], paths, curvatures)
    return figure


def schedules(
    rates: Mapping[str, Sequence[float]],
    paths: Mapping[str, np.ndarray],
    curvatures: tuple[float, float],
) -> Figure:
    """Draw learning rates, one value an update, and the loss on the bowl under each of them.

    Parameters
    ----------
    rates : mapping of str to sequence of float (T,)
        For each schedule, the learning rate of every update.
    paths, curvatures
        As for `bowl_paths`, under the same names.
    """
    figure, (left, right) = new_figure(1, 2, 9.0, 2.6)
    with styled():
        for (name, values), color, dashes in zip(rates.items(), COLORS, DASHES, strict=False):
            left.plot(values, color=color, ls=dashes, label=name)
        left.set(xlabel="Update", ylabel="Learning rate", xlim=(0, None), ylim=(0, None))
        left.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(rates))
        _draw_losses(right, paths, curvatures)
    return figure


def accuracy_by_shift(accuracies: Mapping[str, Sequence[float]], shifts: Sequence[int]) -> Figure:
    """Draw how accuracy falls as the images move, a line for each network."""
    figure, (axis,) = new_figure(1, 1, 7.0, 2.9)
    with styled():
        for (name, values), color, dashes in zip(accuracies.items(), COLORS, DASHES, strict=False):
            axis.plot(shifts, values, "o", ls=dashes, color=color, label=name)
        axis.set(xlabel="Shift to the right (pixels)", ylabel="Accuracy", ylim=(0, 1.02))
        axis.set_xticks(shifts)
        axis.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axis.legend(loc="lower left")
    return figure


def exciting_patches(
    ideals: np.ndarray, patches: np.ndarray, filters: Sequence[int], strengths: np.ndarray
) -> Figure:
    """Draw what excites filters most: an image made for each, and the best patches of digits.

    Parameters
    ----------
    ideals : ndarray (F, H, W)
        For each filter, the image found by climbing its output's gradient.
    patches : ndarray (F, K, H, W)
        For each filter, the patches of real images with the largest outputs, best first.
    filters : sequence of int
        The numbers of the F filters.
    strengths : ndarray (F, 1 + K)
        The filter's output for each of these pictures, the made one first.
    """
    rows, columns = len(patches), 1 + patches.shape[1]
    ratios = [1, 0.25] + [1] * (columns - 1)
    figure, axes = new_figure(rows, columns + 1, 9.0, 0.98 * rows + 0.35, width_ratios=ratios)
    with styled():
        for f in range(rows):
            row = axes[f * (columns + 1) : (f + 1) * (columns + 1)]
            row.pop(1).set_axis_off()  # a gap between what was made and what was found
            for axis, picture, strength in zip(
                row, [ideals[f], *patches[f]], strengths[f], strict=True
            ):
                axis.imshow(picture, cmap=IMAGE, vmin=-0.5, vmax=0.5)
                axis.set(xticks=[], yticks=[])
                axis.spines[:].set_visible(False)
                axis.set_xlabel(f"{strength:.1f}", fontsize=9, labelpad=2)
            row[0].spines[:].set(visible=True, color=ORANGE, linewidth=2.5)
            row[0].set_ylabel(f"filter {filters[f]}", rotation=0, ha="right", va="center")
        axes[0].set_title("made", fontsize=10)
        axes[2].set_title("best found", fontsize=10)
    return figure


def _bowl(place: np.ndarray, curvatures: tuple[float, float]) -> np.ndarray:
    """Return the height of the bowl at places (..., 2)."""
    return (np.asarray(place) ** 2 * curvatures).sum(axis=-1) / 2


def _draw_losses(
    axis: Axes, paths: Mapping[str, np.ndarray], curvatures: tuple[float, float]
) -> None:
    """Draw the height of the bowl after each update, a line for each path."""
    for path, color, dashes in zip(paths.values(), COLORS, DASHES, strict=False):
        axis.plot(_bowl(path, curvatures), color=color, ls=dashes)
    axis.set(xlabel="Update", ylabel="Loss", yscale="log", xlim=(0, None))
    axis.set_ylim(bottom=max(1e-9, axis.get_ylim()[0]))


def _shades(count: int) -> list[str]:
    """Return ``count`` colors that stand out on a gray image, from inner to outer frame."""
    return ["#ffd166", "#f08c2e", "#4ea8de", "#c77dff"][:count]
