"""axe-core, which judges how accessible a page is: what it finds serious or critical."""

from importlib.util import find_spec
from pathlib import Path

import pytest

FIND = """async ([place, options]) => {
    const { violations } = await axe.run(
        place ?? document, { resultTypes: ["violations"], ...options });
    return violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
        .map(({ id, nodes }) => `${id}, ${nodes.length} times: ${nodes[0].html.slice(0, 200)}`);
}"""


def add_axe(page):
    """Give the page axe-core; the test is skipped if it is not installed."""
    package = find_spec("axe_playwright_python")
    if package is None:
        pytest.skip("axe-core is not installed: pip install -e .[site]")
    page.add_script_tag(path=Path(package.submodule_search_locations[0]) / "axe.min.js")


def violations(page, place=None, **options):
    """Return what is wrong with the page, or with an element of it."""
    return page.evaluate(FIND, [place, options])
