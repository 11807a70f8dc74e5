"""The network explorer in words."""

from collections.abc import Sequence

import numpy as np

from scratchcnn.layers.convolution import Conv2D
from scratchcnn.layers.dense import Dense
from scratchcnn.layers.pooling import MaxPool2D
from scratchcnn.widgets.colors import number
from scratchcnn.widgets.network_run import ALL_ON, NetworkRun
from scratchcnn.widgets.network_state import NetworkState, Sum
from scratchcnn.widgets.network_view import signed

MOST_WORDS = 25  # products that are written out one by one


def channel_name(run: NetworkRun, layer: int, channel: int, names: Sequence[str]) -> str:
    """Return what to call a channel of a layer: map 3, unit 3, or the name of a class."""
    if layer == 0:
        return "image" if run.shapes[0][2] == 1 else f"channel {channel}"
    if layer == run.last:
        return f"score of {names[channel]}"
    return f"unit {channel}" if run.shapes[layer][:2] == (1, 1) else f"map {channel}"


def place_text(
    run: NetworkRun, state: NetworkState, names: Sequence[str], short: bool = False
) -> str:
    """Say which number is chosen."""
    words = [run.titles[state.layer]]
    if state.layer or run.shapes[0][2] > 1:
        words.append(channel_name(run, state.layer, state.channel, names))
    if run.shapes[state.layer][:2] != (1, 1):
        row, column = state.pixel
        words.append(f"({row}, {column})" if short else f"row {row}, column {column}")
    return ", ".join(words)


def rest_name(run: NetworkRun, state: NetworkState, found: Sum) -> str:
    """Return what to call what does not come from the input; nothing if there is none."""
    layer = run.steps[state.layer - 1].layers[-1]
    if isinstance(layer, Conv2D | Dense) and "bias" in layer.params:
        return "bias"
    return "the rest" if abs(found.rest) >= 5e-4 else ""


def factor_name(run: NetworkRun, state: NetworkState) -> str:
    """Return what to call what each input is multiplied by."""
    layer = run.steps[state.layer - 1].layers[-1]
    if isinstance(layer, Conv2D | Dense):
        return "weights"
    return "1 for the largest" if isinstance(layer, MaxPool2D) else "its effect"


def caption_of(
    run: NetworkRun, state: NetworkState, found: Sum | None, names: Sequence[str]
) -> str:
    """Say what the chosen number is made of, and what is off."""
    place = place_text(run, state, names)
    if found is None:
        image = run.maps(state, 0)
        value = number(image[(*state.pixel, state.channel)], 3)
        return f"{place}: {value}. {off_text(run, state, names)}"
    source = found.channels[state.rank]
    share = float(found.by_channel[source])
    others = float(found.by_channel.sum()) - share
    parts = [f"{signed(share)} from {channel_name(run, state.layer - 1, source, names)}"]
    if len(found.channels) > 1:
        parts.append(f"{signed(others)} from {len(found.channels) - 1} others")
    rest = rest_name(run, state, found)
    if rest:
        parts.append(f"{signed(found.rest)} from the {rest.removeprefix('the ')}")
    words = f"{place}: {number(found.total, 3)}"
    words += f" = {', '.join(parts)}." if len(parts) > 1 else "."
    if (state.layer, state.channel) in state.off:
        words = words[:-1] + "; switched off, it counts as 0."
    return f"{words} {off_text(run, state, names)}"


def off_text(run: NetworkRun, state: NetworkState, names: Sequence[str]) -> str:
    """Say what the network answers, and what switching off has changed."""
    now, before = run.probabilities(state)
    answer, first = int(now.argmax()), int(before.argmax())
    if not state.off:
        says = f"The network says {names[answer]}, probability {number(now[answer], 3)}."
        correct = int(run.labels[state.image])
        return says if answer == correct else f"{says} Correct: {names[correct]}."
    listed = [f"{run.titles[k]} {channel_name(run, k, c, names)}" for k, c in sorted(state.off)]
    shown = ", ".join(listed[:3]) + (f" and {len(listed) - 3} more" if len(listed) > 3 else "")
    says = f"{names[answer]} (probability {number(now[answer], 3)})"
    return (
        f"Off: {shown}. The network now says {says}; "
        f"with everything on, it says {names[first]} ({number(before[first], 3)}). Accuracy on "
        f"{run.scored} images: {number(run.accuracy(state.off), 3)} (with everything on: "
        f"{number(run.accuracy(ALL_ON), 3)})."
    )


def alt_of(
    run: NetworkRun, state: NetworkState, found: Sum | None, names: Sequence[str], caption: str
) -> str:
    """Describe the whole picture in words."""
    layers = [
        f"{title} {f'{C} numbers' if (H, W) == (1, 1) else f'{H} by {W} by {C}'}"
        for title, (H, W, C) in zip(run.titles[1:], run.shapes[1:], strict=True)
    ]
    H, W, C = run.shapes[0]
    size = f"{H} by {W}" if C == 1 else f"{H} by {W} by {C}"
    now, _ = run.probabilities(state)
    listed = ", ".join(f"{n} {number(p, 3)}" for n, p in zip(names, now, strict=True))
    correct = names[int(run.labels[state.image])]
    words = f"Image {state.image} ({size}; correct class {correct})"
    words += f" on its way through {'; '.join(layers)}."
    words += f" Probabilities: {listed}."
    if len(state.off) > 3:
        off = [f"{run.titles[k]} {channel_name(run, k, c, names)}" for k, c in sorted(state.off)]
        words += f" Switched off: {', '.join(off)}."
    words += f" Chosen: {caption}"
    if found is not None:
        words += f" {connections_text(run, state, found, names)}"
    return words


def connections_text(run: NetworkRun, state: NetworkState, found: Sum, names: Sequence[str]) -> str:
    """List the strongest connections, and the products of the one that is written out."""
    shares = found.by_channel
    listed = [
        f"{channel_name(run, state.layer - 1, channel, names)} {signed(shares[channel])}"
        for channel in found.channels[:8]
    ]
    words = f"Connections, the strongest first: {', '.join(listed)}."
    source = found.channels[state.rank]
    inputs, weights = found.inputs[:, :, source], found.weights[:, :, source]
    height, width = inputs.shape
    name = channel_name(run, state.layer - 1, source, names)
    row, column = found.corner
    words += f" Window of {height} by {width} in {name}, from row {row}, column {column}"
    if inputs.size > MOST_WORDS:
        place = found.strongest(source)
        largest = float(np.abs(found.products[:, :, source]).max())
        where = f"row {place[0]}, column {place[1]}"
        return f"{words}; the largest product, {number(largest, 3)} in size, is at {where}."
    terms = [
        f"{number(x, 3)} × {number(w, 3)} = {number(x * w, 3)}"
        for x, w in zip(inputs.ravel().tolist(), weights.ravel().tolist(), strict=True)
    ]
    return f"{words}: {'; '.join(terms)}."
