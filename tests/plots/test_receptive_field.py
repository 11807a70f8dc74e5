"""What one output pixel sees is counted and framed where it lies."""

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Polygon, Rectangle
from panels import texts

from scratchcnn import plots
from scratchcnn.plots.style import ORANGE

STACK = [("conv", 3, 1), ("pool", 2, 2), ("conv", 3, 1), ("pool", 2, 2)]


def boxes(axis, level, color):
    """Return the left edges of the pyramid's boxes of one color in one row."""
    found = [patch for patch in axis.patches if isinstance(patch, Rectangle)]
    found = [box for box in found if box.get_y() == level]
    return [box.get_x() for box in found if to_hex(box.get_facecolor()) == color]


def test_the_pyramid_counts_down_from_one_pixel_to_the_receptive_field():
    (axis,) = plots.receptive_field_pyramid(STACK).axes
    names, counts = texts(axis)[::2], texts(axis)[1::2]
    assert names == ["Image", "conv", "pool", "conv", "pool"]
    assert counts == ["10 pixels", "8 pixels", "4 pixels", "2 pixels", "1 pixel"]
    assert len(boxes(axis, 0, ORANGE)) == 10
    assert len(boxes(axis, 4, ORANGE)) == 1


@pytest.mark.parametrize("stack", [STACK, STACK[:1], [("conv", 5, 2), ("conv", 3, 3)]])
def test_every_funnel_of_the_pyramid_joins_what_is_seen_above_and_below(stack):
    (axis,) = plots.receptive_field_pyramid(stack).axes
    funnels = [patch.get_xy() for patch in axis.patches if isinstance(patch, Polygon)]
    assert len(funnels) == len(stack)
    for lower, upper in pairwise(funnels):
        # The upper edge of one funnel is as wide as the lower edge of the next.
        assert np.ptp(lower[:2, 0]) == pytest.approx(np.ptp(upper[2:4, 0]))
    widest = np.ptp(funnels[0][2:4, 0])
    assert widest == pytest.approx(len(boxes(axis, 0, ORANGE)))
