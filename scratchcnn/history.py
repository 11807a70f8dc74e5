"""History: what `fit` reports, epoch by epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scratchcnn._utils.html import html_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class History:
    """Loss and accuracy of each epoch; displayed as a table in a notebook.

    Attributes
    ----------
    history : dict of str to list of float
        ``"loss"`` and ``"accuracy"``, with validation data also ``"val_loss"`` and
        ``"val_accuracy"``: one value for each epoch.
    """

    def __init__(self) -> None:
        self.history: dict[str, list[float]] = {}

    def append(self, **values: float) -> None:
        """Add one epoch's value to each of the named lists."""
        for name, value in values.items():
            self.history.setdefault(name, []).append(float(value))

    def last_line(self) -> str:
        """Return the last epoch as text, to three decimals."""
        return "  ".join(f"{name} {values[-1]:.3f}" for name, values in self.history.items())

    def plot(self) -> Figure:
        """Draw loss and accuracy over the epochs; `scratchcnn.plots.show` displays it."""
        from scratchcnn.plots.training_curves import epoch_curves  # matplotlib, only when needed

        if len(self) == 0:
            raise ValueError("there is no epoch to draw yet: call fit first")
        return epoch_curves(self.history)

    def __len__(self) -> int:
        """Return the number of finished epochs."""
        return len(next(iter(self.history.values()), []))

    def __repr__(self) -> str:
        count = f"{len(self)} epoch{'' if len(self) == 1 else 's'}"
        return f"<History of {count}{': ' if self.history else ''}{self.last_line()}>"

    def _repr_html_(self) -> str:
        head = ["epoch", *self.history]
        epochs = enumerate(zip(*self.history.values(), strict=True), start=1)
        rows = ([str(epoch), *(f"{v:.3f}" for v in values)] for epoch, values in epochs)
        return html_table(head, rows, ["right"] * len(head))
