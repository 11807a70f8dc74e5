"""How the architecture bench draws: layers to add, settings, two networks, their accuracy."""

from itertools import accumulate

import numpy as np

from scratchcnn.widgets.bench_layers import KINDS, setting_words, settings_of, short_words
from scratchcnn.widgets.bench_report import Report, field_words, shape_words
from scratchcnn.widgets.bench_state import SIDES, BenchState, Result
from scratchcnn.widgets.colors import (
    BLUE,
    GRAY,
    INK,
    LINE,
    ORANGE,
    cell_size,
    number,
    picture_colors,
)
from scratchcnn.widgets.frames import Canvas, Region
from scratchcnn.widgets.panels import draw_curves

WIDTH, HEIGHT = 800, 446
COLUMN, LEFT_EDGES = 390, (1, 409)  # a network's width, and where each begins
STRIP = 728  # width of the two strips at the top; the image is to their right
PICTURE = (742, 1, 56)  # x, y, size
SETTING, KIND_SETTING = 118, 134  # widths of the fields in the strip of settings
TABLE, ROW, ROOM = 82, 20, 195  # top of the tables, the highest row, height of all rows
OUTPUT, PARAMETERS, SEES = 248, 312, 386  # right edges of the columns of numbers
TOTALS = 281
CURVES = (321, 85)  # top and height
KIND_EDGES = [0, *accumulate(len(kind) + 4 for kind in KINDS)]  # the longer the name, the wider


def kind_at(share: float) -> int:
    """Return which layer to add is at a place in the strip, from 0 to 1."""
    edges = np.array(KIND_EDGES[1:]) / KIND_EDGES[-1]
    return min(int(np.searchsorted(edges, share, side="right")), len(KINDS) - 1)


def setting_at(share: float, count: int) -> tuple[int, int]:
    """Return which setting is at a place in the strip, and whether it is its −, its + or neither.

    The second number is -1, 1 or 0.
    """
    place = share * strip_width(count)
    setting = 0 if place < KIND_SETTING else 1 + int((place - KIND_SETTING) // SETTING)
    setting = min(setting, count - 1)
    left = 0 if setting == 0 else KIND_SETTING + (setting - 1) * SETTING
    width = SETTING if setting else KIND_SETTING
    within = place - left
    return setting, -1 if within < 24 else 1 if within > width - 24 else 0


def strip_width(count: int) -> int:
    """Return the width of so many settings."""
    return KIND_SETTING + (count - 1) * SETTING


def lines_of(report: Report, layers: int) -> list[int | None]:
    """Return what each line of a network's table shows: a row (0 is the image), or its problem."""
    lines: list[int | None] = list(range(layers + 1))
    if report.problem is not None:
        lines.insert(report.problem.layer + 2, None)
    return lines


def row_at(share: float, lines: list[int | None]) -> int:
    """Return the row at a height in the table, from 0 to 1; a problem belongs to the row above."""
    place = min(int(share * len(lines)), len(lines) - 1)
    row = lines[place]
    return row if row is not None else lines[place - 1] or 0


def draw_kinds(canvas: Canvas, state: BenchState) -> Region:
    """Draw the layers to add, with their keys."""
    for k, kind in enumerate(KINDS):
        left, right = (STRIP * edge / KIND_EDGES[-1] for edge in KIND_EDGES[k : k + 2])
        canvas.box(left + 1, 2, right - left - 3, 20, LINE)
        canvas.text((left + right) / 2, 12, f"{k + 1} {kind}", 11, anchor="mm")
        if k == state.kind:
            canvas.box(left + 2, 3, right - left - 5, 18, INK)
    label = (
        "Layers. Click on one, or press its number, to add it below the chosen layer; or choose "
        "it with the left and right arrow keys and press Enter."
    )
    return Region("layers", label, 0, 0, STRIP, 24, 1, len(KINDS), cursor="copy")


def draw_settings(canvas: Canvas, state: BenchState) -> Region:
    """Draw the settings of the chosen layer, each with its − and its +.

    The image has none, but the region stays: the keys of whoever is in it still choose layers.
    """
    layer, y = state.layer, 29
    if layer is None:
        words = f"{SIDES[state.side].capitalize()}, the image: what you add comes below it."
        canvas.text(6, y + 11, words, 12, GRAY, "lm")
        label = "The image has no settings. Choose a layer with the up and down arrow keys."
        return Region("settings", label, 0, y - 2, STRIP, 26, 1, 1, cursor="default")
    names = settings_of(layer)
    for k, name in enumerate(names):
        width = SETTING if k else KIND_SETTING
        left = strip_width(k) if k else 0
        canvas.box(left + 1, y, width - 3, 22, LINE)
        words = setting_words(layer, name) if k else layer.kind
        canvas.text(left + 10, y + 11, "−", 14, GRAY, "mm")
        canvas.text(left + width / 2, y + 11, words, 11, INK, "mm", room=width - 29)
        canvas.text(left + width - 12, y + 11, "+", 14, GRAY, "mm")
        if k == state.setting:
            canvas.box(left + 2, y + 1, width - 5, 20, ORANGE, line=2)
    label = (
        "Settings of the chosen layer. Click on − or +, or choose a setting with the left and "
        "right arrow keys and change it with − and +, Page Up and Page Down."
    )
    return Region("settings", label, 0, y - 2, strip_width(len(names)), 26, 1, len(names))


def draw_field(canvas: Canvas, image: np.ndarray, state: BenchState, report: Report) -> None:
    """Draw an image, and the part of it that the middle output of the chosen layer sees."""
    x, y, room = PICTURE
    cell = cell_size(image.shape, room)
    canvas.colors(picture_colors(image, float(image.min()), float(image.max())), x, y, cell)
    if not 0 < state.row <= len(report.layers):
        return
    field = report.layers[state.row - 1].field
    (top, bottom), (left, right) = (
        seen[len(seen) // 2].tolist() for seen in (field.rows, field.columns)
    )
    box = x + left * cell, y + top * cell, (right - left + 1) * cell, (bottom - top + 1) * cell
    canvas.box(*box, outline=ORANGE, line=2)


def draw_network(canvas: Canvas, state: BenchState, side: int, report: Report) -> Region:
    """Draw a network as a table, with its totals."""
    x, network = LEFT_EDGES[side], state.networks[side]
    active = side == state.side
    title = SIDES[side].capitalize()
    canvas.text(x + 6, TABLE - 22, f"▸ {title}" if active else title, 13, bold=True)
    heads = (OUTPUT - 8, "output"), (PARAMETERS, "parameters"), (SEES, "field, stride")
    for right, words in heads:
        canvas.text(x + right, TABLE - 20, words, 11, GRAY, "ra")
    lines = lines_of(report, len(network))
    row = min(ROW, ROOM / len(lines))
    for k, line in enumerate(lines):
        _draw_line(canvas, state, side, report, line, TABLE + k * row, row)
    canvas.box(x, TABLE, COLUMN, row * len(lines), LINE)
    if active:
        top = TABLE + lines.index(state.row) * row
        canvas.box(x + 1, top + 1, COLUMN - 2, row - 2, ORANGE, line=2)
    words = f"{report.parameters:,} parameters, {report.multiply_adds:,} multiply-adds"
    words = f"{words} per image" if len(report.layers) == len(network) else f"So far {words}"
    canvas.text(x + 6, TOTALS, words, 12, bold=True, room=COLUMN - 12)
    label = (
        f"{title} network. Up and down arrow keys choose a layer, left and right one of its "
        "settings, − and + (or Page Down and Page Up) change it. The keys 1 to 9 add a layer below "
        "it, Delete removes it, Escape undoes the last change."
    )
    box = x, TABLE, COLUMN, row * len(lines)
    return Region(SIDES[side], label, *box, len(lines), 1, cursor="pointer")


def _draw_line(
    canvas: Canvas,
    state: BenchState,
    side: int,
    report: Report,
    line: int | None,
    y: float,
    height: float,
) -> None:
    """Draw one line of a network's table: the image, a layer, or what is wrong with it."""
    x, middle = LEFT_EDGES[side], y + height / 2
    problem = report.problem
    if line is None:
        words = problem.words if problem else ""
        canvas.text(x + 14, middle, "✗", 12, ORANGE, "rm", bold=True)
        canvas.text(x + 18, middle, words, 11, INK, "lm", bold=True, room=COLUMN - 20)
        return
    known = report.layers[line - 1] if 0 < line <= len(report.layers) else None
    if line == 0:
        canvas.text(x + 18, middle, "image", 12, GRAY, "lm")
        canvas.text(x + OUTPUT, middle, shape_words(report.input_shape), 12, GRAY, "rm")
        return
    reached = known is not None or (problem is not None and problem.layer == line - 1)
    color = INK if reached else GRAY
    canvas.text(x + 15, middle, str(line), 10, GRAY, "rm")
    words = short_words(state.networks[side][line - 1])
    output = "–" if known is None else shape_words(known.output)
    room = OUTPUT - 22 - 6.8 * len(output)
    canvas.text(x + 18, middle, words, 12, color, "lm", room=room)
    if known is None:
        canvas.text(x + OUTPUT, middle, output, 12, GRAY, "rm")
        return
    canvas.text(x + OUTPUT, middle, output, 12, INK, "rm")
    canvas.text(x + PARAMETERS, middle, f"{known.parameters:,}", 12, INK, "rm")
    stride = known.field.stride[0]
    sees = f"{field_words(known.field)}, {stride or '–'}"
    canvas.text(x + SEES, middle, sees, 12, INK, "rm")


def draw_result(canvas: Canvas, state: BenchState, side: int) -> None:
    """Draw a network's accuracy as it grows, and what it took."""
    result, x = state.results[side], LEFT_EDGES[side]
    top, height = CURVES
    box = (x + 34, top, COLUMN - 44, height)
    words = result_words(result)
    words = f"Accuracy: {words}" if words else "Not trained yet"
    canvas.text(x + 6, top - 22, words, 12, room=COLUMN - 12)
    ends = (0, max(state.updates, result.updates))
    curves = [(*result.training, BLUE), (*result.testing, ORANGE)]
    note = "updates (plain line: training; squares: test images)"
    draw_curves(canvas, box, curves, ends, (0, 1), note)
    for update, accuracy in zip(*result.testing, strict=True):
        across, up = box[0] + box[2] * update / ends[1], top + height * (1 - accuracy)
        canvas.box(across - 3, up - 3, 6, 6, fill=ORANGE)


def result_words(result: Result) -> str:
    """Write what a training has reached: "test 0.892, training 0.938, 300 updates in 0.4 s"."""
    words = []
    if len(result.testing[1]):
        words.append(f"test {number(result.testing[1][-1], 3)}")
    if len(result.training[1]):
        words.append(f"training {number(result.training[1][-3:].mean(), 3)}")
    if result.updates:
        words.append(f"{result.updates} updates in {number(result.seconds, 1)} s")
    return ", ".join(words)
