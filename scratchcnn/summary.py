"""Summary: a network as a table, in plain text or in a notebook."""

from collections.abc import Sequence

from scratchcnn._utils.html import html_table
from scratchcnn.layers.base import Layer


class Summary:
    """The names of ``layers``, their output shapes, and how many parameters each has."""

    header = ("layer", "output shape", "parameters")

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.rows = [
            (layer.name, str(layer.output_shape), f"{layer.count_params():,}") for layer in layers
        ]
        total = sum(layer.count_params() for layer in layers)
        leaves = [leaf for layer in layers for _, leaf in layer.walk()]
        trainable = sum(p.size for leaf in leaves if leaf.trainable for p in leaf._params.values())
        self.footer = [("total", "", f"{total:,}")]
        if trainable < total:  # frozen layers, or arrays that are not trained: moving averages
            self.footer.append(("trainable", "", f"{trainable:,}"))

    def __repr__(self) -> str:
        rows = [self.header, *self.rows, *self.footer]
        widths = [max(len(row[k]) for row in rows) for k in range(3)]
        lines = [f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c:>{widths[2]}}" for a, b, c in rows]
        rule = "-" * len(lines[0])
        end = len(lines) - len(self.footer)
        return "\n".join([lines[0], rule, *lines[1:end], rule, *lines[end:]])

    def _repr_html_(self) -> str:
        return html_table(self.header, self.rows, ("left", "left", "right"), foot=self.footer)
