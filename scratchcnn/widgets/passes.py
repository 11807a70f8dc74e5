"""One pass forward and one backward, layer by layer, with everything kept to look at."""

from dataclasses import dataclass

import numpy as np

from scratchcnn.layers.activations import Dropout, ReLU
from scratchcnn.layers.base import Layer
from scratchcnn.layers.convolution import Conv2D
from scratchcnn.layers.dense import Flatten
from scratchcnn.layers.pooling import AvgPool2D, MaxPool2D
from scratchcnn.losses import SoftmaxCrossEntropy, softmax
from scratchcnn.network import Sequential

Weights = tuple[np.ndarray, ...]

SHORT_NAMES = {Conv2D: "conv", ReLU: "ReLU", MaxPool2D: "pool", AvgPool2D: "pool"}


@dataclass
class Column:
    """One column of the picture: arrays of the forward pass and their gradients.

    Attributes
    ----------
    title : str
        Its layer, or that layer's kernels.
    values, gradients : ndarray (H, W, C)
    """

    title: str
    values: np.ndarray
    gradients: np.ndarray


@dataclass
class Pass:
    """One pass forward and backward.

    Attributes
    ----------
    loss : float
    probabilities : ndarray (K,)
    score_gradient : ndarray (K,)
        ``p - y``.
    saliency : ndarray (H, W)
        The gradient of the loss with respect to the input.
    columns : list of Column
        Kernels and outputs, layer by layer.
    gradients : tuple of ndarray
        Of the parameters, in the order of `GradientState.weights`.
    """

    loss: float
    probabilities: np.ndarray
    score_gradient: np.ndarray
    saliency: np.ndarray
    columns: list[Column]
    gradients: Weights


def run(model: Sequential, weights: Weights, image: np.ndarray, label: int) -> Pass:
    """Send one image (H, W, C) forward and its gradient backward, layer by layer.

    The network's weights are set to ``weights`` on the way.
    """
    model.set_weights(list(weights))
    outputs = [image[None]]
    for layer in model.layers:
        outputs.append(layer.forward(outputs[-1]))
    loss_function = SoftmaxCrossEntropy()
    loss = loss_function.forward(outputs[-1], np.array([label]))
    gradients = [loss_function.backward()]
    for layer in reversed(model.layers):
        gradients.append(layer.backward(gradients[-1]))
    gradients.reverse()
    columns = []
    for k, (name, layer) in enumerate(zip(short_names(model.layers), model.layers, strict=True)):
        if isinstance(layer, Conv2D):
            # (KH, KW, C, F) -> (KH, KW, F): how each kernel looks at the first channel
            kernel, gradient = layer.params["kernel"], layer.grads["kernel"]
            columns.append(
                Column(name.replace("conv", "kernels"), kernel[:, :, 0], gradient[:, :, 0])
            )
        # Flatten and Dropout pass on the numbers that are shown already.
        if len(layer.output_shape) == 3 and not isinstance(layer, Flatten | Dropout):
            columns.append(Column(name, outputs[k + 1][0], gradients[k + 1][0]))
    return Pass(
        loss,
        softmax(outputs[-1])[0],
        gradients[-1][0],
        gradients[0][0].sum(axis=2),
        columns,
        tuple(model.grads[key].copy() for key in model.params),
    )


def short_names(layers: list[Layer]) -> list[str]:
    """Name the layers as briefly as a narrow column needs: conv 1, ReLU 1, pool 1, conv 2 ..."""
    names = [SHORT_NAMES.get(type(layer), type(layer).__name__) for layer in layers]
    return [
        f"{name} {names[: k + 1].count(name)}" if names.count(name) > 1 else name
        for k, name in enumerate(names)
    ]
