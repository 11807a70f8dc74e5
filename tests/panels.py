"""What is drawn and written in a panel of a figure, for the tests of plots."""


def texts(*axes):
    """Return everything written inside the panels."""
    return [text.get_text().strip() for axis in axes for text in axis.texts]


def numbers(axis):
    """Return what is written in the cells of a matrix, as numbers, without symbols between."""
    written = [text.replace("\N{MINUS SIGN}", "-") for text in texts(axis)]
    return [float(text) for text in written if text not in "→@="]


def lines(axis):
    """Return the lines of a panel as {label: (x, y)}."""
    return {line.get_label(): line.get_data() for line in axis.lines}


def limits(axis):
    """Return the values of the darkest and of the brightest color of a picture."""
    return axis.images[0].get_clim()


def widths(axis):
    """Return the lengths of horizontal bars."""
    return [bar.get_width() for bar in axis.patches]


def legend(axis):
    """Return the names in a panel's legend."""
    return [text.get_text() for text in axis.get_legend().get_texts()]


def frames(axis):
    """Return (row, column, height, width) of the frames around cells."""
    return [
        (p.get_y() + 0.5, p.get_x() + 0.5, p.get_height(), p.get_width())
        for p in axis.patches
        if not p.get_fill()
    ]
