"""Summary: a network as a table, in text and in a notebook."""

from typing import TYPE_CHECKING

from scratchcnn._utils.html import html_table

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

    @property
    def last_line(self) -> tuple[str, str, str]:
        """The total, as a row of the table."""
        return "total", "", f"{self.total:,}"

    def __repr__(self) -> str:
        rows = [self.header, *self.rows, self.last_line]
        widths = [max(len(row[k]) for row in rows) for k in range(3)]
        lines = [f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c:>{widths[2]}}" for a, b, c in rows]
        rule = "-" * len(lines[0])
        return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]])

    def _repr_html_(self) -> str:
        return html_table(self.header, self.rows, ("left", "left", "right"), foot=self.last_line)
