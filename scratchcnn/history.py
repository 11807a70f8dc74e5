"""History: what `fit` reports, epoch by epoch."""


class History:
    """Loss and accuracy of each epoch.

    Attributes
    ----------
    history : dict of str to list of float
        ``"loss"`` and ``"accuracy"``, with validation data also ``"val_loss"`` and
        ``"val_accuracy"``: one value an epoch.
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

    def __repr__(self) -> str:
        epochs = len(next(iter(self.history.values()), []))
        return f"<History of {epochs} epochs{': ' if epochs else ''}{self.last_line()}>"
