"""NetworkExplorer: a whole network on one canvas, and what each of its numbers is made of."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from scratchcnn._utils.validation import check_labels
from scratchcnn.network import Sequential
from scratchcnn.widgets.base import ARROWS, Event, Explorer
from scratchcnn.widgets.colors import GRAY
from scratchcnn.widgets.controls import button, choice, slider
from scratchcnn.widgets.frames import Canvas, Frame, Region
from scratchcnn.widgets.gradcam_state import class_names
from scratchcnn.widgets.images import shown_images
from scratchcnn.widgets.network_layout import BARS, ROOM, TOP, WIDTH, Column, columns_for
from scratchcnn.widgets.network_run import ALL_ON, NetworkRun
from scratchcnn.widgets.network_state import NetworkState, Pixel, Sum
from scratchcnn.widgets.network_view import (
    BELOW,
    HEIGHT,
    draw_column,
    draw_connections,
    draw_frame,
    draw_gaps,
    draw_image,
    draw_sum,
)
from scratchcnn.widgets.network_words import (
    alt_of,
    caption_of,
    channel_name,
    factor_name,
    place_text,
    rest_name,
)
from scratchcnn.widgets.panels import classes_that_fit, draw_named_bars, named_row

BAR = WIDTH - BARS - 48  # length of a full bar with the name of its class


class NetworkExplorer(Explorer):
    """See every layer at once, follow a number back to the image, and switch kernels off.

    Parameters
    ----------
    model : Sequential
        A trained network. The explorer works on a copy.
    images : ndarray (N, H, W, C)
        Images to choose from, scaled as the network expects them. The accuracy that is shown
        once something is switched off is that of the first 200; of fewer, if they are large.
    labels : ndarray of int (N,)
        Their classes.
    names : sequence of str, optional
        A name for each class; by default its number.
    """

    not_in_views = ("placed",)

    def __init__(
        self,
        model: Sequential,
        images: np.ndarray,
        labels: np.ndarray,
        names: Sequence[str] | None = None,
    ) -> None:
        images = shown_images(images, model)
        labels = check_labels(labels, len(images), model.num_classes)
        self.names = class_names(names, model.num_classes)
        self.run = NetworkRun(model, images, labels)
        options = [(title, k) for k, title in enumerate(self.run.titles)]
        controls = {
            "image": slider(
                "Image", 0, len(images) - 1, "Which image to send through the network", "250px"
            ),
            "layer": choice("Layer", options, "The layer of the chosen number", "160px"),
        }
        toggle = button("On/off", "Switch the chosen map or unit off, or on again", self.toggle)
        everything = button("All on", "Switch everything on again", self.all_on, "70px")
        reset = button("Reset", "Back to the start", self.reset, "62px")
        row = [*controls.values(), toggle, everything, reset]
        super().__init__(self.run.opening(), controls, [row])

    def toggle(self) -> None:
        """Switch the chosen map or unit off, or on again."""
        self.change(toggled)

    def all_on(self) -> None:
        """Switch everything on again."""
        self.set(off=frozenset())

    @property
    def probabilities(self) -> tuple[np.ndarray, np.ndarray]:
        """The probabilities (K,) as things are switched, and with everything on."""
        return self.run.probabilities(self.state)

    @property
    def titles(self) -> list[str]:
        """The short names of the layers; the image comes first."""
        return self.run.titles

    @property
    def accuracy(self) -> tuple[float, float]:
        """The accuracy on the first images as things are switched, and with everything on."""
        return self.run.accuracy(self.state.off), self.run.accuracy(ALL_ON)

    def draw(self, state: NetworkState, scale: int = 1) -> Frame:
        """Draw all layers, the connections of the chosen number, and its arithmetic."""
        canvas = Canvas(WIDTH, HEIGHT, scale)
        found = self.run.sum(state)
        columns = self._columns(state, found)
        for column in columns:
            values = self.run.maps(state, column.layer)
            if column.layer == 0:
                title = f"Image {state.image}: {self._correct(state)}"
                draw_image(canvas, column, title, values)
            else:
                off = [channel for k, channel in state.off if k == column.layer]
                draw_column(canvas, column, self.run.titles[column.layer], values, off)
        draw_gaps(canvas, columns, self.run.last)
        classes, row = self._draw_classes(canvas, state)
        if found:
            end = BARS - 4.0, TOP + (classes.index(self._class_of(state)) + 0.5) * row
            self._draw_found(canvas, state, found, columns, end)
        else:
            draw_frame(canvas, columns[0], 0, (*state.pixel, 1, 1))
            canvas.text(
                2,
                BELOW,
                "This is a pixel of the image. Press the period key for the next layer.",
                12,
                GRAY,
            )
        caption = caption_of(self.run, state, found, self.names)
        alt = alt_of(self.run, state, found, self.names, caption)
        return Frame(canvas.picture, alt, caption, [network_region()])

    def handle(self, state: NetworkState, event: Event) -> NetworkState:
        """Choose a number by pointer or keys, follow its connections, switch maps off and on."""
        if event["kind"] in ("press", "drag"):
            return self._pointed(state, event["fx"] * WIDTH, event["fy"] * (TOP + ROOM))
        if event["kind"] != "key":
            return state
        key, by_row = event["key"], self.run.shapes[state.layer][:2] == (1, 1)
        last = self.run.last
        if (key in ("ArrowUp", "ArrowDown") and by_row) or key in ("PageUp", "PageDown"):
            step = -1 if key in ("ArrowUp", "PageUp") else 1
            return replace(state, channel=max(state.channel + step, 0))
        if key in ARROWS and not by_row:
            place = np.add(state.pixel, ARROWS[key])
            return replace(state, pixel=tuple(place.tolist()))
        moves = {",": -1, ".": 1, "ArrowLeft": -1, "ArrowRight": 1, "Home": -last, "End": last}
        if key in moves:
            return replace(state, layer=min(max(state.layer + moves[key], 0), last))
        if key in ("+", "-"):
            return replace(state, rank=max(state.rank + (1 if key == "+" else -1), 0))
        if key == "Enter":
            return self._followed(state)
        if key == "Delete":
            return replace(state, off=frozenset())
        return toggled(state) if key == " " else state

    def adjust(self, old: NetworkState, new: NetworkState) -> NetworkState:
        """Keep what is chosen inside its layer; in a new layer, at the same place."""
        H, W, C = self.run.shapes[new.layer]
        channel, pixel = new.channel, new.pixel
        if new.placed != new.layer:
            share = np.divide(np.add(pixel, 0.5), self.run.shapes[new.placed][:2])
            pixel = int(share[0] * H), int(share[1] * W)
            if new.layer == self.run.last:
                channel = int(self.run.probabilities(new)[0].argmax())
        inside = np.clip(pixel, 0, (H - 1, W - 1)).tolist()
        off = frozenset((k, c) for k, c in new.off if k < self.run.last and self._has(k, c))
        channel = min(max(channel, 0), C - 1)
        new = replace(new, channel=channel, pixel=tuple(inside), placed=new.layer, off=off)
        if (new.layer, new.channel) != (old.layer, old.channel):
            new = replace(new, rank=0)
        found = self.run.sum(new)
        return replace(new, rank=min(max(new.rank, 0), len(found.channels) - 1 if found else 0))

    def restore(self, fields: dict[str, Any]) -> NetworkState:
        """Return the state of a view."""
        return replace(self.first_state, placed=fields["layer"], **fields)

    def _has(self, layer: int, channel: int) -> bool:
        return layer > 0 and channel in range(self.run.shapes[layer][2])

    def _correct(self, state: NetworkState) -> str:
        return self.names[int(self.run.labels[state.image])]

    def _class_of(self, state: NetworkState) -> int:
        """Return the class to point out: the chosen one, or the answer."""
        if state.layer == self.run.last:
            return state.channel
        return int(self.run.probabilities(state)[0].argmax())

    def _columns(self, state: NetworkState, found: Sum | None) -> list[Column]:
        wanted = {state.layer: state.channel}
        if found:
            wanted[state.layer - 1] = found.channels[state.rank]
        return columns_for(self.run.shapes, state.layer, wanted)

    def _draw_classes(self, canvas: Canvas, state: NetworkState) -> tuple[list[int], float]:
        both, chosen = self.run.probabilities(state), self._class_of(state)
        if state.off:
            canvas.text(BARS, 4, "gray line: everything on", 11, GRAY)
        return draw_named_bars(canvas, BARS, TOP, self.names, *both, BAR, chosen, ROOM)

    def _draw_found(
        self,
        canvas: Canvas,
        state: NetworkState,
        found: Sum,
        columns: Sequence[Column],
        end: tuple[float, float],
    ) -> None:
        """Draw the connections of the chosen number, which end at ``end`` if it is a score."""
        by_layer = {column.layer: column for column in columns}
        source, target = by_layer[state.layer - 1], by_layer.get(state.layer)
        if target is not None:
            end = target.center(state.channel, *state.pixel) or end
        window = (*found.corner, *found.inputs.shape[:2])
        draw_connections(canvas, source, found, end)
        draw_frame(canvas, source, found.channels[state.rank], window)
        if target is not None:
            draw_frame(canvas, target, state.channel, (*state.pixel, 1, 1))
        before = state.layer - 1
        channels = range(self.run.shapes[before][2])
        names = [channel_name(self.run, before, channel, self.names) for channel in channels]
        rest = rest_name(self.run, state, found)
        title = place_text(self.run, state, self.names, short=True)
        factor = factor_name(self.run, state)
        draw_sum(canvas, found, state.rank, names, title, rest, factor)

    def _pointed(self, state: NetworkState, x: float, y: float) -> NetworkState:
        last = self.run.last
        if x >= BARS:
            both = np.maximum(*self.run.probabilities(state))
            classes = classes_that_fit(both, ROOM, self._class_of(state))
            place = int((y - TOP) / named_row(ROOM, len(classes)))
            inside = classes[min(max(place, 0), len(classes) - 1)]
            return placed(state, last, inside, (0, 0))
        for column in self._columns(state, self.run.sum(state)):
            found = column.at(x, y)
            if found is not None:
                return placed(state, column.layer, found[0], found[1:])
        return state

    def _followed(self, state: NetworkState) -> NetworkState:
        """Go to the input that matters most in the connection that is written out."""
        found = self.run.sum(state)
        if found is None:
            return state
        channel = found.channels[state.rank]
        return placed(state, state.layer - 1, channel, found.strongest(channel))


def placed(state: NetworkState, layer: int, channel: int, pixel: Pixel) -> NetworkState:
    """Choose a number."""
    return replace(state, layer=layer, channel=channel, pixel=pixel, placed=layer, rank=0)


def toggled(state: NetworkState) -> NetworkState:
    """Switch the chosen map or unit off or on; neither the image nor a class can be."""
    return replace(state, off=state.off ^ {(state.layer, state.channel)})


def network_region() -> Region:
    """Return where the reader can choose a number."""
    label = (
        "Network. Click a pixel or a bar, or move: arrow keys between pixels, Page Up and Page "
        "Down between maps, comma and period between layers, Home and End to the image and to the "
        "answer. Plus and minus choose a connection, Enter follows it. Space switches the map "
        "off and on, Delete switches everything on."
    )
    return Region("network", label, 0, 0, WIDTH, TOP + ROOM, 1, 1, cursor="pointer")
