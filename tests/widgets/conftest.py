"""What every test of an explorer leaves behind: nothing."""

import ipywidgets
import pytest


@pytest.fixture(autouse=True)
def closed_at_the_end():
    """Close all explorers: one that has stopped in the middle of a training keeps its threads."""
    yield
    ipywidgets.Widget.close_all()
