"""HTML tables, for displaying networks and training runs in a notebook."""

from collections.abc import Iterable, Sequence


def html_table(
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    sides: Sequence[str],
    foot: Iterable[Sequence[str]] = (),
) -> str:
    """Return a table with a header, rows and optional final rows in bold.

    ``sides`` says for each column whether its cells are aligned "left" or "right".
    """
    from html import escape  # here, to keep `import scratchcnn` fast

    def row(cells: Sequence[str], tag: str) -> str:
        styled = zip(cells, sides, strict=True)
        html = (f'<{tag} style="text-align:{side}">{escape(c)}</{tag}>' for c, side in styled)
        return f"<tr>{''.join(html)}</tr>"

    body = "".join(row(cells, "td") for cells in rows)
    last = "".join(row(cells, "th") for cells in foot)
    return f"<table><thead>{row(head, 'th')}</thead><tbody>{body}{last}</tbody></table>"
