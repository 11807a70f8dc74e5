"""What is written in a cell can be read, and signed colors are fair to both signs."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from scratchcnn.plots.cells import signed_scale, write_cells
from scratchcnn.plots.style import new_figure


def contrast(first, second):
    """Return the contrast ratio of two colors, from 1 to 21, as WCAG 2 defines it."""

    def luminance(color):
        rgb = np.array(to_rgb(color))
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        return linear @ (0.2126, 0.7152, 0.0722)

    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("palette", ["gray", "Blues", "cividis", "RdBu_r"])
def test_numbers_are_legible_on_every_color(palette):
    _, (axis,) = new_figure()
    ramp = np.linspace(0, 1, 51)[None]
    picture = axis.imshow(ramp, cmap=palette, vmin=0, vmax=1)
    write_cells(axis, picture, np.full(ramp.shape, "1"))
    assert len(axis.texts) == ramp.size
    for text, value in zip(axis.texts, ramp[0], strict=True):
        assert contrast(text.get_color(), picture.to_rgba(value)[:3]) > 3


def test_a_text_where_there_is_no_number_is_legible_on_the_white_page():
    _, (axis,) = new_figure()
    picture = axis.imshow([[np.nan, 0.0]], cmap="cividis", vmin=0, vmax=1)
    write_cells(axis, picture, np.array([["diverged", ""]]))
    (text,) = axis.texts
    assert contrast(text.get_color(), "white") > 7


def test_the_signed_scale_is_symmetric_and_reaches_the_largest_magnitude_of_all():
    scale = signed_scale([np.array([[-1.0, 0.5]]), np.array([[0.0, -3.0], [np.nan, 2]])])
    assert (scale["vmin"], scale["vmax"]) == (-3, 3)
    assert signed_scale([np.zeros((2, 2))])["vmax"] > 0
