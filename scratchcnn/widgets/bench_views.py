"""The networks of the architecture bench as text, for views: to be sent, and read again."""

from dataclasses import replace
from typing import Any

from scratchcnn.widgets.bench_layers import MOST_CLASSES, SETTINGS, STEPS, LayerChoice
from scratchcnn.widgets.bench_report import Network
from scratchcnn.widgets.bench_state import MOST_LAYERS
from scratchcnn.widgets.views import Codec


def write_networks(networks: tuple[Network, Network]) -> str:
    """Write both networks: "Conv2D 8 3 1 valid no, Flatten, Dense 10 | Flatten, Dense 10"."""
    return " | ".join(", ".join(map(_write_layer, network)) for network in networks)


def read_networks(text: str) -> tuple[Network, Network]:
    """Return the networks that `write_networks` has written, or raise ValueError."""
    left, right = (
        tuple(_read_layer(words.split()) for words in part.split(",") if words.strip())
        for part in text.split("|")
    )
    if max(len(left), len(right)) > MOST_LAYERS:
        raise ValueError(f"a network has more than {MOST_LAYERS} layers")
    return left, right


NETWORKS: Codec = write_networks, read_networks


def _write_layer(layer: LayerChoice) -> str:
    settings = (str(getattr(layer, name)) for name in SETTINGS[layer.kind])
    return " ".join([layer.kind, *settings])


def _read_layer(words: list[str]) -> LayerChoice:
    kind, *values = words
    if kind not in SETTINGS:
        raise ValueError(f"there is no layer {kind!r}")
    found = {
        name: _read_setting(name, value) for name, value in zip(SETTINGS[kind], values, strict=True)
    }
    return replace(LayerChoice(kind), **found)


def _read_setting(name: str, text: str) -> Any:
    if name in ("filters", "units") and text.isdecimal() and 1 <= int(text) <= MOST_CLASSES:
        return int(text)
    found = [step for step in STEPS[name] if str(step) == text]
    if not found:
        raise ValueError(f"{name} cannot be {text!r}")
    return found[0]
