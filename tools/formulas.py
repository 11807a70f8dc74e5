"""Formulas as MathML, which browsers draw by themselves: nothing has to be fetched or run."""

import re

from latex2mathml.converter import convert

# What comes before a minus that is a sign, not a subtraction: another operator, or "(".
OPERATOR = r"<mo[^>]*>(?!&#x0*(?:29|5D);|[])])[^<]*</mo>(?:<mspace[^>]*>)?"
LOGARITHM = r"<mi>log</mi>|<msub><mi>log</mi>.*?</msub>"

# Code in backquotes, or a formula between two or single dollars.
FORMULA = re.compile(
    r"```.*?```|`[^`]*`|\$\$(?P<block>.+?)\$\$|\$(?P<inline>[^$\n]+(?:\n[^$\n]+)?)\$", re.DOTALL
)


def mathml(formula: str, display: str = "inline") -> str:
    """Return a formula in LaTeX as MathML; ``display`` is "inline" or "block".

    Raises a ValueError if it holds something that the converter does not know.
    """
    text = convert(formula, display=display)
    if "<mi>&</mi>" in text or "<mi>\\" in text:
        raise ValueError(f"no MathML for a part of {formula}")
    # The converter misses two visible details: in "= -7" the minus belongs to the 7, and
    # "log p" is not "logp".
    text = re.sub(rf"({OPERATOR})<mo>(?=&#x0*2212;)", r'\1<mo form="prefix">', text)
    return re.sub(rf"({LOGARITHM})(?!<mo)", r'\1<mspace width="0.17em"/>', text)


def with_mathml(markdown: str) -> str:
    """Return the text with its formulas as MathML, and its code as it is."""

    def replace(match: re.Match) -> str:
        if match["block"]:
            return mathml(match["block"], "block")
        return mathml(match["inline"]) if match["inline"] else match[0]

    return FORMULA.sub(replace, markdown)
