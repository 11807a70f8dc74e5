"""What a network will see and cost, found without building it: receptive fields, multiply-adds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scratchcnn._utils.windows import Pair, WindowGeometry, pad_widths
from scratchcnn.layers.base import Layer, Shape
from scratchcnn.layers.convolution import Conv2D
from scratchcnn.layers.dense import Dense, Flatten
from scratchcnn.layers.residual import Residual


@dataclass(frozen=True, eq=False)
class ReceptiveField:
    """The part of the image that each number of a layer's output depends on.

    Attributes
    ----------
    size : (height, width)
        The largest receptive field, in pixels of the image.
    stride : (down, right)
        How many pixels apart the fields of neighboring output pixels are; (0, 0) if all outputs
        see the same pixels.
    rows, columns : ndarray of int (OH, 2), (OW, 2)
        The first and the last row of the image that each row of the output sees, and the same for
        columns. After `Flatten` they are those of the feature maps. A layer whose outputs all see
        the same has one pair.
    """

    size: Pair
    stride: Pair
    rows: np.ndarray
    columns: np.ndarray


def receptive_fields(layers: Sequence[Layer], input_shape: Shape) -> list[ReceptiveField]:
    """Return the receptive field of each layer's output.

    A window of ``k`` inputs, which are ``j`` pixels apart and each see ``r`` pixels, sees
    ``r + (k - 1) * j`` pixels; with stride ``s``, its outputs are ``j * s`` pixels apart. For the
    image itself ``r = j = 1``. ``size`` and ``stride`` follow this recurrence, except that an
    output never sees more than the whole image. A `Dense` layer or a `GlobalAvgPool2D` is a window
    as large as its input. Other layers work pixel by pixel if they keep the height and the width.

    Parameters
    ----------
    layers : sequence of Layer
        From the image up, such as ``model.layers``; they need not be built.
    input_shape : tuple of int
        Shape of one image, (H, W, C).

    Returns
    -------
    list of ReceptiveField
        One for each layer.

    Raises
    ------
    ValueError
        If ``input_shape`` is not (H, W, C), or a layer cannot take its input.

    References
    ----------
    A. Araujo, W. Norris and J. Sim, "Computing receptive fields of convolutional neural
    networks", Distill, 2019.
    """
    if len(input_shape) != 3:
        raise ValueError(f"input_shape is {input_shape!r}, expected (H, W, C)")
    rows, columns = (np.arange(side)[:, None].repeat(2, axis=1) for side in input_shape[:2])
    field, shape = _field(rows, columns, (1, 1)), tuple(input_shape)
    fields = []
    for layer in layers:
        field, shape = _after(layer, field, shape)
        fields.append(field)
    return fields


def multiply_adds(layers: Sequence[Layer], input_shape: Shape) -> list[int]:
    """Return how many products each layer adds up for one image.

    As usual, only convolutions and dense layers count: OH * OW * F * KH * KW * C and in * out. A
    product with a pixel of padding counts like any other.

    Parameters
    ----------
    layers : sequence of Layer
        From the image up, such as ``model.layers``; they need not be built.
    input_shape : tuple of int
        Shape of one image.

    Returns
    -------
    list of int
        One for each layer.

    Raises
    ------
    ValueError
        If a layer cannot take its input.
    """
    counts, shape = [], tuple(input_shape)
    for layer in layers:
        output = layer.compute_output_shape(shape)
        count = 0
        if isinstance(layer, Residual):
            count = sum(multiply_adds(layer.layers, shape))
            if output != shape:  # its shortcut is a 1x1 convolution
                count += math.prod(output) * shape[2]
        elif isinstance(layer, Conv2D | Dense):
            positions = math.prod(output[:-1])  # OH * OW; 1 if dense
            count = positions * math.prod(layer.param_shapes(shape)["kernel"])
        counts.append(count)
        shape = output
    return counts


def _field(rows: np.ndarray, columns: np.ndarray, stride: Pair) -> ReceptiveField:
    height, width = (int((seen[:, 1] - seen[:, 0]).max()) + 1 for seen in (rows, columns))
    return ReceptiveField((height, width), stride, rows, columns)


def _after(layer: Layer, field: ReceptiveField, shape: Shape) -> tuple[ReceptiveField, Shape]:
    """Return the field and the shape of a layer's output, given those of its input."""
    output = layer.compute_output_shape(shape)
    if isinstance(layer, Residual):
        return _both(layer, field, shape), output
    if isinstance(layer, WindowGeometry):
        (H, W, _), (SH, SW) = shape, layer.strides
        pads = pad_widths((H, W), layer.window, layer.strides, layer.padding)
        rows, columns = (
            _windows(seen, count, extent, stride, pad[0])
            for seen, count, extent, stride, pad in zip(
                (field.rows, field.columns), output, layer.window, layer.strides, pads, strict=False
            )
        )
        return _field(rows, columns, (field.stride[0] * SH, field.stride[1] * SW)), output
    if isinstance(layer, Flatten) or (output[:-1] == shape[:-1] and not isinstance(layer, Dense)):
        return field, output
    rows, columns = (
        np.array([[seen[:, 0].min(), seen[:, 1].max()]]) for seen in (field.rows, field.columns)
    )
    return _field(rows, columns, (0, 0)), output


def _windows(seen: np.ndarray, count: int, extent: int, stride: int, pad: int) -> np.ndarray:
    """Return the first and last pixels that ``count`` windows see, given those of their input."""
    first = stride * np.arange(count) - pad
    # Padding sees nothing, so a window sees what its first and last real inputs see.
    low, high = np.maximum(first, 0), np.minimum(first + extent, len(seen)) - 1
    return np.stack([seen[low, 0], seen[high, 1]], axis=1)


def _both(layer: Residual, field: ReceptiveField, shape: Shape) -> ReceptiveField:
    """Return the field of a sum: of the inner layers' output and of the shortcut's."""
    inner, inner_shape = field, shape
    for part in layer.layers:
        inner, inner_shape = _after(part, inner, inner_shape)
    if inner_shape == shape:
        beside = field
    elif len(shape) == 3 and len(inner_shape) == 3:
        steps = tuple(-(-side // out) for side, out in zip(shape[:2], inner_shape[:2], strict=True))
        beside, _ = _after(Conv2D(1, 1, (steps[0], steps[1])), field, shape)
    else:
        return inner
    rows, columns = (
        np.stack([np.minimum(a[:, 0], b[:, 0]), np.maximum(a[:, 1], b[:, 1])], axis=1)
        for a, b in ((inner.rows, beside.rows), (inner.columns, beside.columns))
    )
    return _field(rows, columns, inner.stride)
