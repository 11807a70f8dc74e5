"""The page with all explorers: one of them in view, and compared with its twin here."""

from browser.on_page import brought_into_view
from browser.scene import NAMES
from browser.words import alike


def shown(page, name):
    return brought_into_view(page, (*NAMES, "tiny").index(name))


def assert_same(on_page, twin):
    """The page shows what the same explorer shows here: to the last pixel, if both can."""
    on_page.settle()
    assert alike(on_page.alt, twin.stage.alt)
    assert alike(on_page.caption, twin.stage.caption)
    if on_page.page.place.exact:
        assert (on_page.alt, on_page.caption) == (twin.stage.alt, twin.stage.caption)
        assert on_page.frame == twin.render()
