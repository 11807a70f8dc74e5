"""Result and Note: what the workbook answers, in words and, in a notebook, in color."""

from __future__ import annotations

import os
import sys
from html import escape
from typing import Any, Self

# Of the edge and a pale background, readable on a light page and on a dark one; the words have the
# color of the page's text.
COLORS = {"passed": "#2e9e4f", "failed": "#d9660f", "waiting": "#3b82c4", "note": "#3b82c4"}
SIGNS = {"passed": "✓ ", "failed": "✗ ", "waiting": "… ", "note": ""}

Block = tuple[str, str]  # a sentence, and numbers or code below it; either may be empty


class Note:
    """A headline and some blocks, shown in a box with a colored edge.

    Attributes
    ----------
    message : str
        All its words, without color.
    """

    state = "note"

    def __init__(self, headline: str, blocks: list[Block] | None = None) -> None:
        self.headline, self.blocks = headline, blocks or []
        self._shown_in: object = None

    @property
    def message(self) -> str:
        """All words and numbers, line by line."""
        parts = [f"{SIGNS[self.state]}{self.headline}"]
        parts += [part for block in self.blocks for part in block if part]
        return "\n".join(parts)

    def __repr__(self) -> str:
        return self.message

    def _repr_html_(self) -> str:
        color = COLORS[self.state]
        lines = [f"<b>{escape(SIGNS[self.state] + self.headline)}</b>"]
        for sentence, numbers in self.blocks:
            if sentence:
                lines.append(f'<div style="margin-top: 0.4em">{escape(sentence)}</div>')
            if numbers:
                style = "margin: 0.2em 0 0 1em; line-height: 1.25; overflow-x: auto"
                lines.append(f'<pre style="{style}">{escape(numbers)}</pre>')
        style = f"border-left: 0.4em solid {color}; background: {color}1a; padding: 0.4em 0.8em"
        return f'<div style="{style}">{"".join(lines)}</div>'

    def show(self) -> Self:
        """Show it now: in a notebook as a box, in a script as text."""
        shell = _shell()
        if shell is not None:
            from IPython.display import display

            display(self)
            self._shown_in = shell.execution_count
        elif not hasattr(sys, "ps1"):  # Python's own prompt prints it anyway
            print(self.message)
        return self

    def _ipython_display_(self) -> None:
        # The last line of a cell is shown by IPython once more; once is enough.
        shell = _shell()
        if shell is None or self._shown_in is None or self._shown_in != shell.execution_count:
            raise NotImplementedError  # tells IPython to use _repr_html_


class Result(Note):
    """The answer of a check.

    Attributes
    ----------
    passed : bool
        Whether the function is right.
    message : str
        What is shown, without color.
    name : str
        The exercise.
    state : str
        "passed", "failed", or "waiting" if the function is not written yet.
    mistake : str
        The name of the typical wrong answer, if it is one that we know.
    right : int
        If it is not right yet: the number of cases that are right all the same.
    """

    def __init__(
        self,
        name: str,
        state: str,
        headline: str,
        blocks: list[Block] | None = None,
        mistake: str = "",
        right: int = 0,
    ) -> None:
        super().__init__(headline, blocks)
        self.name, self.state, self.mistake, self.right = name, state, mistake, right

    @property
    def passed(self) -> bool:
        """Whether the function is right."""
        return self.state == "passed"

    def show(self) -> Self:
        """Show it now; where nbgrader runs the notebook, in a way that it takes for a failure."""
        super().show()
        if not self.passed and os.environ.get("NBGRADER_EXECUTION"):
            print(self.headline, file=sys.stderr)
        return self


def in_notebook() -> bool:
    """Return whether pictures can be shown here."""
    return _shell() is not None


def _shell() -> Any:
    """Return the notebook's shell, or None outside IPython."""
    if "IPython" not in sys.modules:
        return None
    from IPython import get_ipython

    return get_ipython()
