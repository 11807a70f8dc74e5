"""The one way to show a figure: with alternative text, as a PNG, the same every time."""

import struct

import matplotlib as mpl
import numpy as np
import pytest

from scratchcnn.plots import draw_images, new_figure, show, to_png
from scratchcnn.plots.style import PIXELS_PER_INCH, STYLE, styled

PNG = b"\x89PNG\r\n\x1a\n"


def size_of(png):
    """Return (width, height) in pixels from a PNG's header."""
    return struct.unpack(">II", png[16:24])


def figure():
    drawn, (axis,) = new_figure(width=4, height=3)
    axis.plot([0, 1], [0, 1])
    return drawn


@pytest.mark.parametrize("alt", ["", "   ", "\n"])
def test_a_figure_is_not_shown_without_alternative_text(alt):
    with pytest.raises(ValueError, match="alt is empty"):
        show(figure(), alt)


def test_alternative_text_is_no_option():
    with pytest.raises(TypeError, match="alt"):
        show(figure())


def test_a_shown_figure_is_a_png_with_its_alternative_text_and_width():
    image = show(figure(), alt="A line from 0 to 1.")
    data, metadata = image._repr_mimebundle_()
    assert list(data) == ["image/png"]
    assert metadata["image/png"] == {"width": 400, "alt": "A line from 0 to 1."}
    assert image.data.startswith(PNG)


def test_the_picture_has_the_size_and_resolution_asked_for():
    assert size_of(to_png(figure())) == (4 * PIXELS_PER_INCH, 3 * PIXELS_PER_INCH)
    assert size_of(to_png(figure(), 50)) == (200, 150)


def test_the_same_figure_gives_the_same_bytes():
    assert to_png(figure()) == to_png(figure())
    assert b"Software" not in to_png(figure())


def test_the_readers_own_settings_stay_as_they_are():
    before = {name: mpl.rcParams[name] for name in STYLE}
    with styled():
        assert mpl.rcParams["axes.spines.top"] is False
    show(figure(), alt="A line.")
    assert {name: mpl.rcParams[name] for name in STYLE} == before


def test_figures_are_not_kept_by_pyplot():
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    show(figure(), alt="A line.")
    assert plt.get_fignums() == before


def test_axes_come_as_a_flat_list_row_by_row():
    drawn, axes = new_figure(2, 3)
    assert len(axes) == 6
    assert axes == drawn.axes


def test_signed_images_share_one_scale_symmetric_about_zero():
    arrays = [np.array([[-1.0, 0.5]]), np.array([[0.0, 3.0]])]
    panels = [axis.images[0] for axis in draw_images(arrays, signed=True).axes if axis.images]
    assert {panel.get_clim() for panel in panels} == {(-3, 3)}
    assert {panel.get_cmap().name for panel in panels} == {"RdBu_r"}


def test_unsigned_images_share_one_scale():
    arrays = [np.array([[1.0, 2]]), np.array([[0.0, 5]])]
    panels = [axis.images[0] for axis in draw_images(arrays).axes if axis.images]
    assert {panel.get_clim() for panel in panels} == {(0, 5)}
    assert {panel.get_cmap().name for panel in panels} == {"gray"}
