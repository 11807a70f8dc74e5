"""The one way to show a figure: with alternative text, as a PNG, the same every time."""

import io
import struct
import sys

import matplotlib as mpl
import numpy as np
import PIL.Image
import pytest

from scratchcnn.plots import described, new_figure, show, to_png
from scratchcnn.plots.display import PIXELS_PER_INCH
from scratchcnn.plots.style import STYLE

PNG = b"\x89PNG\r\n\x1a\n"


def size_of(png):
    """Return (width, height) in pixels from a PNG's header."""
    return struct.unpack(">II", png[16:24])


def figure():
    drawn, (axis,) = new_figure(width=4, height=3)
    axis.plot([0, 1], [0, 1])
    return drawn


def alt_of(image):
    """Return the alternative text that a notebook stores with a shown picture."""
    _, metadata = image._repr_mimebundle_()
    return metadata["image/png"]["alt"]


@pytest.mark.parametrize("alt", [None, "", "   ", "\n"])
def test_a_figure_without_alternative_text_is_an_error_that_names_the_cure(alt):
    with pytest.raises(ValueError, match=r"no alternative text.*alt=.*plots\.described"):
        show(figure(), alt)


def test_an_empty_text_of_its_own_does_not_count():
    with pytest.raises(ValueError, match="no alternative text"):
        show(described(figure(), " "))


def test_a_shown_figure_brings_its_own_text_and_an_argument_replaces_it():
    drawn = described(figure(), "A line from 0 to 1.")
    assert drawn.alt == alt_of(show(drawn)) == "A line from 0 to 1."
    assert alt_of(show(drawn, alt="Another text.")) == "Another text."


def test_a_shown_figure_is_a_png_as_wide_as_the_figure():
    image = show(figure(), alt="A line from 0 to 1.")
    data, metadata = image._repr_mimebundle_()
    assert list(data) == ["image/png"]
    assert metadata["image/png"]["width"] == 400
    assert image.data.startswith(PNG)


def test_without_ipython_figures_are_drawn_and_only_show_names_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython.display", None)
    drawn = described(figure(), "A line.")
    assert to_png(drawn).startswith(PNG)
    with pytest.raises(ImportError, match=r"IPython.*scratchcnn\[course\]"):
        show(drawn)


def test_the_picture_has_the_size_and_resolution_asked_for():
    assert size_of(to_png(figure())) == (4 * PIXELS_PER_INCH, 3 * PIXELS_PER_INCH)
    assert size_of(to_png(figure(), 50)) == (200, 150)


def test_the_same_figure_gives_the_same_bytes():
    assert to_png(figure()) == to_png(figure())
    assert b"Software" not in to_png(figure())


def test_the_png_shows_the_colors_of_a_color_bar_without_bands():
    drawn, (axis,) = new_figure(1, 1, 4, 3)
    values = np.random.default_rng(0).normal(0, 0.15, (60, 60))  # dark colors are rare
    picture = axis.imshow(values, cmap="RdBu_r", vmin=-1, vmax=1)
    bar = drawn.colorbar(picture, ax=axis)
    shown = PIL.Image.open(io.BytesIO(to_png(drawn, 100))).convert("RGB")
    left, bottom, right, top = bar.ax.get_window_extent().extents
    middle = round((left + right) / 2)
    for share in np.linspace(0.1, 0.9, 30):
        row = round(shown.height - bottom - share * (top - bottom))
        expected = 255 * np.array(picture.cmap(share)[:3])
        assert np.abs(np.array(shown.getpixel((middle, row))) - expected).max() < 8


def test_showing_leaves_the_readers_own_settings_as_they_are():
    before = {name: mpl.rcParams[name] for name in STYLE}
    show(figure(), alt="A line.")
    assert {name: mpl.rcParams[name] for name in STYLE} == before


def test_figures_are_not_kept_by_pyplot():
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    show(figure(), alt="A line.")
    assert plt.get_fignums() == before
