"""Compare what a page says with what is expected: words, and numbers but for rounding."""

import re

import pytest

NUMBER = re.compile(r"[-−]?\d+(?:\.\d+)?(?:e-?\d+)?")
# The same as `alike`, on the page.
ALIKE = """(one, other) => {
    const number = /[-−]?\\d+(?:\\.\\d+)?(?:e-?\\d+)?/g;
    const numbers = (text) => [...text.matchAll(number)].map(([n]) => Number(n.replace("−", "-")));
    const [ours, theirs] = [numbers(one), numbers(other)];
    const near = (n, i) => Math.abs(n - theirs[i]) <= 2e-3 * Math.max(1, Math.abs(theirs[i]));
    return one.replace(number, "#") === other.replace(number, "#") && ours.every(near);
}"""


def alike(one, other, tolerance=2e-3):
    """Say whether two texts have the same words, and the same numbers but for rounding."""

    def numbers(text):
        return [float(found.replace("−", "-")) for found in NUMBER.findall(text)]

    return NUMBER.sub("#", one) == NUMBER.sub("#", other) and numbers(one) == pytest.approx(
        numbers(other), rel=tolerance, abs=tolerance
    )
