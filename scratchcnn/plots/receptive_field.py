"""Which part of the image one output pixel sees, layer by layer."""

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from scratchcnn.plots.cells import rectangle
from scratchcnn.plots.display import described
from scratchcnn.plots.style import ORANGE, new_figure, styled
from scratchcnn.plots.words import counted, listed

SEEN, UNSEEN = "#f3d3b5", "#eceef1"

# Colors that stand out on a gray image, from the inner to the outer frame.
FRAMES = ("#ffd166", "#f08c2e", "#4ea8de", "#c77dff")


def receptive_field_pyramid(layers: Sequence[tuple[str, int, int]], margin: int = 2) -> Figure:
    """Draw a stack of layers in 1-D: a pixel at the top, and everything it sees below.

    Parameters
    ----------
    layers : sequence of (name, window, stride)
        From the image up.
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
            strong = ORANGE if level in (0, len(layers)) else SEEN
            for unit in range(-aside, count + aside):
                left = first + (unit + 0.06) * jump
                color = strong if 0 <= unit < count else UNSEEN
                rectangle(axis, left, level, 0.88 * jump, height, fc=color, ec="none", clip_on=True)
            if level:
                above, below = count * jump / 2, counts[level - 1] * jumps[level - 1] / 2
                corners = [
                    (middle - above, level),
                    (middle + above, level),
                    (middle + below, level - 1 + height),
                    (middle - below, level - 1 + height),
                ]
                axis.add_patch(Polygon(corners, facecolor=ORANGE, alpha=0.12, edgecolor="none"))
            axis.text(-margin - 0.4, level + height / 2, name, ha="right", va="center")
            text = counted(count, "pixel")
            axis.text(counts[0] + margin + 0.4, level + height / 2, text, va="center")
        axis.set(xlim=(-margin - 4, counts[0] + margin + 3), ylim=(-0.1, len(names) - 0.35))
        axis.set_axis_off()
    below_it = zip(names[-2::-1], counts[-2::-1], strict=True)
    seen = listed(f"{counted(count, 'pixel')} of {name}" for name, count in below_it)
    return described(
        figure,
        f"{counted(len(names), 'row')} of boxes, one above the other: {listed(names)}. One pixel "
        f"of {names[-1]}, at the top, sees a widening part of everything below: {seen}.",
    )
