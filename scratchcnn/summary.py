"""Summary: a network as a table, in text and in a notebook."""

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scratchcnn.network import Sequential


class Summary:
    """The layers of ``model``, their output shapes and how many parameters each has."""

    header = ("layer", "output shape", "parameters")

    def __init__(self, model: "Sequential") -> None:
        counts = [sum(p.size for p in layer.params.values()) for layer in model.layers]
        self.rows = [
            (name, str(layer.output_shape), f"{count:,}")
            for name, layer, count in zip(model.names, model.layers, counts, strict=True)
        ]
        self.total = sum(counts)

    def __repr__(self) -> str:
        rows = [self.header, *self.rows, ("total", "", f"{self.total:,}")]
        widths = [max(len(row[k]) for row in rows) for k in range(3)]
        lines = [f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c:>{widths[2]}}" for a, b, c in rows]
        rule = "-" * len(lines[0])
        return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]])

    def _repr_html_(self) -> str:
        def row(cells: tuple[str, ...], tag: str) -> str:
            styled = zip(cells, ("left", "left", "right"), strict=True)
            html = (f'<{tag} style="text-align:{side}">{escape(c)}</{tag}>' for c, side in styled)
            return f"<tr>{''.join(html)}</tr>"

        body = "".join(row(cells, "td") for cells in self.rows)
        total = row(("total", "", f"{self.total:,}"), "th")
        return f"<table><thead>{row(self.header, 'th')}</thead><tbody>{body}{total}</tbody></table>"
