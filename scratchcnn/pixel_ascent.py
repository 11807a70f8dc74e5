"""Pixel ascent: change an image, not the weights, along a gradient (lesson 11).

Training moves the weights and keeps the images. Here it is the other way round: `sign_step`
raises the loss of images by one step, and `maximize_unit` looks for an image that excites one
feature map as much as possible.
"""

from __future__ import annotations

import numpy as np

from scratchcnn._utils.protocols import Network
from scratchcnn._utils.validation import check_count, check_images, check_labels, check_number
from scratchcnn.losses import SoftmaxCrossEntropy

Range = tuple[float, float]


def loss_gradient(model: Network, x: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return dL/dx (N, H, W, C) of each image's own loss, for the network in inference mode.

    Parameters
    ----------
    model : Sequential
        A trained network.
    x : ndarray (N, H, W, C)
        Images, scaled as the network expects them.
    labels : ndarray of int (N,)
        The class that the loss treats as correct.
    """
    x = check_images(x, model)
    loss = SoftmaxCrossEntropy()
    loss.forward(model.forward(x), check_labels(labels, len(x), model.num_classes))
    # The loss is the mean over the images: each image's own gradient is N times as long.
    return model.backward(loss.backward()) * model.dtype.type(len(x))


def sign_step(
    model: Network, x: np.ndarray, labels: np.ndarray, strength: float, limits: Range = (-0.5, 0.5)
) -> np.ndarray:
    """Return images that have taken one step along the sign of dL/dx: ``x + strength * sign``.

    Every pixel changes by ``strength``, unless that leads out of the limits. Of all changes that
    are no larger than that at any pixel, this one raises the loss most, as far as the loss is
    linear. (Zero gradient, no change.)

    Parameters
    ----------
    model, x, labels
        As in `loss_gradient`.
    strength : float
        How far each pixel moves, at least 0, in the scale of the pixels.
    limits : (float, float)
        Darkest and lightest pixel.

    References
    ----------
    I. J. Goodfellow, J. Shlens, C. Szegedy, "Explaining and harnessing adversarial examples",
    ICLR, 2015.
    """
    if strength:
        strength = check_number(strength, "strength")
    x = check_images(x, model)
    step = x.dtype.type(strength) * np.sign(loss_gradient(model, x, labels))
    return np.clip(x + step, *limits)


def maximize_unit(
    model: Network,
    layer: int,
    channel: int,
    steps: int = 100,
    rate: float = 0.05,
    decay: float = 0.01,
    seed: int = 0,
    limits: Range = (-0.5, 0.5),
) -> np.ndarray:
    """Return an image (H, W, C) that excites one feature map, found by gradient ascent.

    It starts at faint noise. Each step adds ``rate`` times the gradient of the map's mean, divided
    by the gradient's largest magnitude, and then moves all pixels a little towards 0 (gray).

    Parameters
    ----------
    model : Sequential
        A trained network.
    layer, channel : int
        The layer, by index, and which of its feature maps (or numbers).
    steps : int
        Number of steps.
    rate : float
        The largest change of a pixel in a step.
    decay : float
        Which fraction of its distance from 0 a pixel loses in a step.
    seed : int
        Of the noise.
    limits : (float, float)
        Darkest and lightest pixel.

    References
    ----------
    D. Erhan, Y. Bengio, A. Courville, P. Vincent, "Visualizing higher-layer features of a deep
    network", Universite de Montreal, Technical Report 1341, 2009.
    """
    layers = model.layers[: range(len(model.layers))[layer] + 1]
    low, high = limits
    noise = np.random.default_rng(seed).uniform(0.1 * low, 0.1 * high, (1, *model.input_shape))
    x = noise.astype(model.dtype)
    for _ in range(check_count(steps, "steps")):
        a = x
        for part in layers:
            a = part.forward(a)
        dy = np.zeros_like(a)
        dy[..., channel] = 1 / a[0, ..., channel].size
        for part in reversed(layers):
            dy = part.backward(dy)
        x = x + model.dtype.type(rate) * dy / max(float(np.abs(dy).max()), 1e-12)
        x = np.clip(x * model.dtype.type(1 - decay), low, high)
    return np.asarray(x[0])
