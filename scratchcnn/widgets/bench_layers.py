"""The layers that the architecture bench offers: their settings, and how they are put in words."""

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from scratchcnn.layers.activations import Dropout, ReLU
from scratchcnn.layers.base import Layer
from scratchcnn.layers.convolution import Conv2D
from scratchcnn.layers.dense import Dense, Flatten
from scratchcnn.layers.normalization import BatchNorm
from scratchcnn.layers.pooling import AvgPool2D, GlobalAvgPool2D, MaxPool2D


@dataclass(frozen=True)
class LayerChoice:
    """A layer of a network on the bench; what is no setting of its kind is ignored.

    Attributes
    ----------
    kind : str
        A key of `SETTINGS`.
    filters, kernel, stride : int
        Of a convolution; kernels are as wide as they are high.
    padding : {"valid", "same"}
        Of a convolution or pooling.
    bias : {"yes", "no"}
        Of a convolution.
    window, step : int
        Size of a pooling window, and its stride.
    units : int
        Of a dense layer.
    rate : float
        Of dropout.
    """

    kind: str
    filters: int = 8
    kernel: int = 3
    stride: int = 1
    padding: str = "valid"
    bias: str = "yes"
    window: int = 2
    step: int = 2
    units: int = 10
    rate: float = 0.5


# The settings of each kind, in the order of the keys 1 to 9. All can be changed to another kind.
SETTINGS: dict[str, tuple[str, ...]] = {
    "Conv2D": ("filters", "kernel", "stride", "padding", "bias"),
    "ReLU": (),
    "MaxPool2D": ("window", "step", "padding"),
    "AvgPool2D": ("window", "step", "padding"),
    "GlobalAvgPool2D": (),
    "Flatten": (),
    "Dense": ("units",),
    "Dropout": ("rate",),
    "BatchNorm": (),
}
KINDS = tuple(SETTINGS)

MOST_CLASSES = 10_000  # filters and units may be as many

FEW = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64, 96, 128)
STEPS: dict[str, tuple[Any, ...]] = {
    "kind": KINDS,
    "filters": FEW,
    "kernel": tuple(range(1, 12)),
    "stride": (1, 2, 3, 4),
    "padding": ("valid", "same"),
    "bias": ("no", "yes"),
    "window": tuple(range(2, 9)),
    "step": tuple(range(1, 9)),
    "units": (*FEW, 256, 512),
    "rate": (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9),
}
NAMES = {"step": "stride"}  # where the word for readers is another


def settings_of(layer: LayerChoice) -> tuple[str, ...]:
    """Return the names of what can be changed about a layer: its kind, then its settings."""
    return ("kind", *SETTINGS[layer.kind])


def changed(layer: LayerChoice, setting: str, by: int, classes: int) -> LayerChoice:
    """Return the layer with one setting a step up or down; the last step has no next one.

    The number of ``classes`` is always among the steps, since a network has to end in it.
    """
    steps = STEPS[setting]
    if setting in ("filters", "units"):
        steps = tuple(sorted({*steps, classes, getattr(layer, setting)}))
    place = steps.index(getattr(layer, setting)) + by
    value = steps[place % len(steps) if setting == "kind" else min(max(place, 0), len(steps) - 1)]
    return replace(layer, **{setting: value})


def new_layer(kind: str, classes: int) -> LayerChoice:
    """Return a layer to add; a dense one has a unit for each class."""
    return LayerChoice(kind, units=classes)


def library_layer(layer: LayerChoice) -> Layer:
    """Return the library's layer, not yet built."""
    if layer.kind == "Conv2D":
        bias = layer.bias == "yes"
        return Conv2D(layer.filters, layer.kernel, layer.stride, layer.padding, bias)
    if layer.kind in ("MaxPool2D", "AvgPool2D"):
        pool = MaxPool2D if layer.kind == "MaxPool2D" else AvgPool2D
        return pool(layer.window, layer.step, layer.padding)
    if layer.kind == "Dense":
        return Dense(layer.units)
    if layer.kind == "Dropout":
        return Dropout(layer.rate)
    plain = {"ReLU": ReLU, "GlobalAvgPool2D": GlobalAvgPool2D, "Flatten": Flatten}
    return plain.get(layer.kind, BatchNorm)()


@cache
def short_words(layer: LayerChoice) -> str:
    """Write a layer in few words, without what is usual: "Conv2D 8, 3×3, same"."""
    words = ""
    if layer.kind == "Conv2D":
        words = f" {layer.filters}, {layer.kernel}×{layer.kernel}"
        words += f", stride {layer.stride}" if layer.stride > 1 else ""
        words += ", same" if layer.padding == "same" else ""
        words += ", no bias" if layer.bias == "no" else ""
    elif "window" in SETTINGS[layer.kind]:
        words = f" {layer.window}×{layer.window}"
        words += f", stride {layer.step}" if layer.step != layer.window else ""
        words += ", same" if layer.padding == "same" else ""
    elif layer.kind in ("Dense", "Dropout"):
        words = f" {layer.units if layer.kind == 'Dense' else layer.rate}"
    return layer.kind + words


@cache
def long_words(layer: LayerChoice) -> str:
    """Write a layer with all its settings: "Conv2D, filters 8, kernel 3 × 3, stride 1 ..."."""
    settings = [setting_words(layer, name) for name in SETTINGS[layer.kind]]
    return ", ".join([layer.kind, *settings])


def setting_words(layer: LayerChoice, setting: str) -> str:
    """Write one setting: "kernel 3 × 3"."""
    value = getattr(layer, setting)
    if setting in ("kernel", "window"):
        value = f"{value} × {value}"
    return f"{NAMES.get(setting, setting)} {value}"
