"""Where the layers of a network stand on one canvas, and which map or pixel is at a place."""

from collections.abc import Sequence
from dataclasses import dataclass

from scratchcnn.widgets.colors import cell_size

WIDTH, TOP, ROOM = 800, 42, 258  # of the canvas; top edge and height of what each layer shows
LEFT, RIGHT, BARS = 126, 616, 632  # the layers are in between; left edge of the probabilities
IMAGE = 104  # size of the image
MOST_COLUMNS = 11  # between image and probabilities; more would be too narrow to see
LARGEST_TILE, SMALLEST_TILE = 84, 24
SMALLEST_BAR, LARGEST_BAR = 4, 16

Shape = tuple[int, int, int]


@dataclass
class Column:
    """The place of a layer on the canvas.

    Attributes
    ----------
    layer : int
        Its number; 0 is the image.
    shape : (H, W, C)
    x, width : float
        Its left edge, and the room for it.
    first, shown : int
        The channels that are shown.
    across : int
        How many of them are side by side.
    size : float
        Room for a tile each way, or the height of a bar.
    """

    layer: int
    shape: Shape
    x: float
    width: float
    first: int
    shown: int
    across: int
    size: float

    @property
    def is_row(self) -> bool:
        """Whether the layer gives a row of numbers, drawn as bars."""
        return self.shape[:2] == (1, 1)

    @property
    def cell(self) -> float:
        """The size of a pixel."""
        return cell_size(self.shape, self.size - 4)

    def corner(self, channel: int) -> tuple[float, float] | None:
        """Return the top left corner of a channel's tile or bar; None if it is not shown."""
        place = 0 if self.layer == 0 else channel - self.first
        if not 0 <= place < self.shown:
            return None
        if self.is_row:
            return self.x, TOP + place * self.size
        down, right = divmod(place, self.across)
        return self.x + right * self.size, TOP + down * self.size

    def center(self, channel: int, row: float, column: float) -> tuple[float, float] | None:
        """Return the middle of a pixel, or of a bar's end."""
        corner = self.corner(channel)
        if corner is None:
            return None
        if self.is_row:
            return corner[0] + self.width / 2, corner[1] + self.size / 2
        return corner[0] + (column + 0.5) * self.cell, corner[1] + (row + 0.5) * self.cell

    def at(self, x: float, y: float) -> tuple[int, int, int] | None:
        """Return the (channel, row, column) at a place of the canvas, or None."""
        if not self.x <= x < self.x + self.width or not y >= TOP:
            return None
        if self.is_row:
            place = int((y - TOP) / self.size)
            return (self.first + place, 0, 0) if place < self.shown else None
        right, down = int((x - self.x) / self.size), int((y - TOP) / self.size)
        place = down * self.across + right
        if right >= self.across or place >= self.shown:
            return None
        corner = self.corner(self.first + place) or (0.0, 0.0)
        row, column = int((y - corner[1]) / self.cell), int((x - corner[0]) / self.cell)
        inside = min(row, self.shape[0] - 1), min(column, self.shape[1] - 1)
        return 0 if self.layer == 0 else self.first + place, *inside


def columns_for(shapes: Sequence[Shape], layer: int, wanted: dict[int, int]) -> list[Column]:
    """Return the columns of the image and of all layers but the last, which has its own place.

    Of a very deep network, those around the chosen ``layer`` are shown.

    Parameters
    ----------
    shapes : sequence of (H, W, C)
        Of the image and of each layer.
    wanted : dict
        For some layers, a channel that has to be shown.
    """
    H, W, _ = shapes[0]
    columns = [Column(0, shapes[0], 2, IMAGE, 0, 1, 1, IMAGE + 4)]
    if (H, W) == (1, 1):
        columns[0] = Column(0, shapes[0], 2, IMAGE, 0, 1, 1, LARGEST_BAR)
    between = range(1, len(shapes) - 1)
    if len(between) > MOST_COLUMNS:
        start = min(max(layer - MOST_COLUMNS // 2, 1), len(shapes) - 1 - MOST_COLUMNS)
        between = range(start, start + MOST_COLUMNS)
    room = (RIGHT - LEFT) / max(len(between), 1)
    gap = min(44.0, 0.26 * room)
    for place, k in enumerate(between):
        x = LEFT + place * room + gap / 2
        columns.append(_column(k, shapes[k], x, room - gap, wanted.get(k, 0)))
    return columns


def _column(layer: int, shape: Shape, x: float, width: float, wanted: int) -> Column:
    count = shape[2]
    if shape[:2] == (1, 1):
        shown = min(count, ROOM // SMALLEST_BAR)
        size = min(ROOM / shown, LARGEST_BAR)
        return Column(layer, shape, x, min(width, 60), wanted // shown * shown, shown, 1, size)
    choices = ((min(width / n, ROOM / -(-count // n), LARGEST_TILE), -n) for n in range(1, 9))
    size, negative = max(choices)
    across, shown = -negative, count
    if size < min(SMALLEST_TILE, width):
        size = min(SMALLEST_TILE, width)
        across = int(width // size)
        shown = min(count, across * int(ROOM // size))
    return Column(layer, shape, x, width, wanted // shown * shown, shown, across, size)
