"""Trace one example through a network, forward and backward, and keep everything."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scratchcnn._utils.protocols import Network
from scratchcnn.layers.base import Layer
from scratchcnn.losses import SoftmaxCrossEntropy, softmax


@dataclass
class LayerTrace:
    """What passed through one layer.

    Attributes
    ----------
    label : str
        A short name for the layer, unique in its network: ``"conv 1"``.
    output : ndarray
        What the layer returned, without the batch axis: (H, W, C) or (D,).
    output_gradient : ndarray
        The gradient of the loss with respect to ``output``, of the same shape.
    params, grads : dict of str to ndarray
        Copies of the layer's parameters, and the gradient of the loss with respect to each.
    is_identity : bool
        Whether the layer passed its input on unchanged, as Dropout does in inference.
    """

    label: str
    output: np.ndarray
    output_gradient: np.ndarray
    params: dict[str, np.ndarray]
    grads: dict[str, np.ndarray]
    is_identity: bool


@dataclass
class Trace:
    """One example's path through a network, forward and backward.

    Attributes
    ----------
    loss : float
        Cross-entropy of the example, in nats.
    probabilities : ndarray (C,)
        Softmax of the scores.
    score_gradient : ndarray (C,)
        The gradient of the loss with respect to the scores: ``p - t``.
    input_gradient : ndarray (*input_shape)
        The gradient of the loss with respect to the input.
    layers : list of LayerTrace
        In the network's order.
    grads : dict of str to ndarray
        The gradient of the loss with respect to each parameter, under the keys of
        `Sequential.params`.
    """

    loss: float
    probabilities: np.ndarray
    score_gradient: np.ndarray
    input_gradient: np.ndarray
    layers: list[LayerTrace]
    grads: dict[str, np.ndarray]


def trace(model: Network, x: np.ndarray, label: int) -> Trace:
    """Send one example forward and its gradient backward, layer by layer.

    Parameters
    ----------
    model : Sequential
        A network that ends in a row of scores. It runs in inference mode: Dropout is off.
    x : ndarray (*input_shape)
        One example, without the batch axis.
    label : int
        The class that the loss treats as correct.

    Returns
    -------
    trace : Trace
        All arrays are copies or are not changed by later calls.
    """
    activations = [np.asarray(x)[None]]
    for layer in model.layers:
        activations.append(layer.forward(activations[-1]))
    loss_function = SoftmaxCrossEntropy()
    loss = loss_function.forward(activations[-1], np.array([label]))
    gradients = [loss_function.backward()]
    for layer in reversed(model.layers):
        gradients.append(layer.backward(gradients[-1]))
    gradients.reverse()
    labels = short_labels(model.layers)
    layers = [
        LayerTrace(
            labels[k],
            activations[k + 1][0],
            gradients[k + 1][0],
            {name: array.copy() for name, array in layer.params.items()},
            {name: array.copy() for name, array in layer.grads.items()},
            activations[k + 1] is activations[k],
        )
        for k, layer in enumerate(model.layers)
    ]
    return Trace(
        loss=loss,
        probabilities=softmax(activations[-1])[0],
        score_gradient=gradients[-1][0],
        input_gradient=gradients[0][0],
        layers=layers,
        grads={name: array.copy() for name, array in model.grads.items()},
    )


def short_labels(layers: Sequence[Layer]) -> list[str]:
    """Return names short enough for a narrow column: conv 1, relu 1, pool 1, conv 2 ...

    If there is only one layer of a kind, it has no number.
    """
    kinds = [_kind(type(layer).__name__) for layer in layers]
    return [
        f"{kind} {kinds[: k + 1].count(kind)}" if kinds.count(kind) > 1 else kind
        for k, kind in enumerate(kinds)
    ]


def _kind(class_name: str) -> str:
    """Return what kind of layer a class is: conv for Conv2D, pool for MaxPool2D, dense ..."""
    name = re.sub(r"(\d+D)?\d*$", "", class_name).lower()
    return next((kind for kind in ("conv", "pool") if kind in name), name)
