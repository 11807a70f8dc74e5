"""The notebooks that take longest, run from top to bottom in a real JupyterLab."""

import pytest
from browser.lab import LONG, NOTEBOOKS, run_and_look


@pytest.mark.parametrize("name", LONG)
def test_all_cells_run_and_all_explorers_show(workbench, name):
    assert name in NOTEBOOKS
    run_and_look(workbench, name)
