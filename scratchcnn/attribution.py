"""Attribution: which part of an image gives a class its score (lesson 11).

All four maps answer the same question in different ways, each for a batch of images at once:
`saliency` asks the gradient of every pixel, `class_activation_map` and `grad_cam` ask the last
feature maps, and `occlusion` covers the image piece by piece and watches the probability.

A network runs here in inference mode: dropout is off, and batch normalization uses its moving
averages.
"""

from __future__ import annotations

import numpy as np

from scratchcnn._utils.protocols import Network
from scratchcnn._utils.validation import check_axes, check_count, check_images, check_labels
from scratchcnn.layers.dense import Dense
from scratchcnn.layers.pooling import GlobalAvgPool2D
from scratchcnn.losses import softmax

IMAGE_AXES = 3  # (H, W, C)


def saliency(model: Network, x: np.ndarray, labels: int | np.ndarray) -> np.ndarray:
    """Return dz/dx (N, H, W, C): how the score of a class changes with each pixel.

    Parameters
    ----------
    model : Sequential
        A network that ends in a row of scores, z.
    x : ndarray (N, H, W, C)
        Images, scaled as the network expects them.
    labels : int or ndarray of int (N,)
        The class whose score is asked about: one for all images, or one for each.

    References
    ----------
    K. Simonyan, A. Vedaldi, A. Zisserman, "Deep inside convolutional networks: visualising
    image classification models and saliency maps", ICLR workshop, 2014.
    """
    x = check_images(x, model)
    dz = _one_hot(labels, len(x), model)
    model.forward(x)
    return model.backward(dz)


def class_activation_map(model: Network, x: np.ndarray, labels: int | np.ndarray) -> np.ndarray:
    """Return the share (N, H, W) of each place of the last feature maps in the score of a class.

    The network has to end in `GlobalAvgPool2D` and `Dense`. Then the score is a sum over the
    places (i, j) of the feature maps A of what this function returns,
    ``map[n, i, j] = sum(w[f, c] * A[n, i, j, f] for f) / (H * W)``, and the bias b[c].

    Parameters
    ----------
    model, x, labels
        As in `saliency`.

    Raises
    ------
    ValueError
        If the network ends in other layers.

    References
    ----------
    B. Zhou, A. Khosla, A. Lapedriza, A. Oliva, A. Torralba, "Learning deep features for
    discriminative localization", CVPR, 2016.
    """
    ends = [type(layer) for layer in model.layers[-2:]]
    if ends != [GlobalAvgPool2D, Dense]:
        raise ValueError(
            f"model ends in {' and '.join(end.__name__ for end in ends)}, expected "
            "GlobalAvgPool2D and Dense; for other networks, use grad_cam"
        )
    a, dense = check_images(x, model), model.layers[-1]
    for layer in model.layers[:-2]:
        a = layer.forward(a)
    w = dense.params["kernel"][:, _classes(labels, len(a), model)].T  # (F, N) -> (N, F)
    # (N, H, W, F) times (N, 1, 1, F), summed over F: (N, H, W)
    return (a * w[:, None, None]).sum(axis=3) / a.dtype.type(a.shape[1] * a.shape[2])


def grad_cam(
    model: Network,
    x: np.ndarray,
    labels: int | np.ndarray,
    layer: int | None = None,
    signed: bool = False,
    average: bool = True,
) -> np.ndarray:
    """Return where (N, H, W) a layer's feature maps A speak for a class.

    The gradient dz/dA of the class's score goes back as far as this layer. Its mean over all
    places is the weight of a feature map, and the map is the weighted sum:
    ``w[n, f] = mean(dz/dA[n, :, :, f])`` and ``map[n, i, j] = sum(w[n, f] * A[n, i, j, f] for f)``,
    with negative numbers replaced by 0.

    Parameters
    ----------
    model, x, labels
        As in `saliency`.
    layer : int, optional
        Index of the layer whose output is A; by default the last one that returns images.
    signed : bool
        Whether to keep the negative numbers, which speak against the class.
    average : bool
        False: do not average the gradient, so that each place has weights of its own (HiResCAM).
        After the last convolution of a network with global average pooling this makes no
        difference. In an early layer, whose places see only a few pixels, it points more exactly.

    Raises
    ------
    ValueError
        If the layer's output has no height and width.

    References
    ----------
    R. R. Selvaraju, M. Cogswell, A. Das, R. Vedantam, D. Parikh, D. Batra, "Grad-CAM: visual
    explanations from deep networks via gradient-based localization", ICCV, 2017.
    R. L. Draelos, L. Carin, "Use HiResCAM instead of Grad-CAM for faithful explanations of
    convolutional neural networks", arXiv:2011.08891, 2020.
    """
    a = check_images(x, model)
    chosen = _last_maps(model) if layer is None else range(len(model.layers))[layer]
    if len(model.layers[chosen].output_shape) != IMAGE_AXES:
        raise ValueError(
            f"layer {layer} returns {model.layers[chosen].output_shape}, expected the index of a "
            "layer that returns feature maps (H, W, C)"
        )
    dz = _one_hot(labels, len(a), model)
    for lower in model.layers[: chosen + 1]:
        a = lower.forward(a)
    y = a
    for upper in model.layers[chosen + 1 :]:
        y = upper.forward(y)
    for upper in reversed(model.layers[chosen + 1 :]):
        dz = upper.backward(dz)  # in the end dz/dA, (N, H, W, F)
    w = dz.mean(axis=(1, 2), keepdims=True) if average else dz  # (N, 1, 1, F) or (N, H, W, F)
    found = (w * a).sum(axis=3)
    return found if signed else np.maximum(found, 0)


def occlusion(
    model: Network,
    x: np.ndarray,
    labels: int | np.ndarray,
    size: int,
    stride: int,
    fill: float | np.ndarray = 0.0,
) -> np.ndarray:
    """Return how much the probability of a class falls when a square of the image is covered.

    Parameters
    ----------
    model, x, labels
        As in `saliency`.
    size, stride : int
        Side of the square, and how far it moves, in pixels.
    fill : float or array that broadcasts to (N, 1, 1, C)
        What it is covered with.

    Returns
    -------
    drops : ndarray (N, OH, OW)
        Probability before minus probability after, for the square around the center of each cell
        of ``stride`` by ``stride`` pixels; the image's edge may cut off part of the square.
        OH = ceil(H / stride).

    References
    ----------
    M. D. Zeiler, R. Fergus, "Visualizing and understanding convolutional networks", ECCV, 2014.
    """
    x, labels = check_images(x, model), _classes(labels, len(x), model)
    size, stride = check_count(size, "size"), check_count(stride, "stride")
    N, H, W, _ = x.shape
    chosen = np.arange(N), labels
    before = softmax(model.forward(x))[chosen]
    drops = np.empty((N, -(-H // stride), -(-W // stride)), x.dtype)
    for i, j in np.ndindex(*drops.shape[1:]):
        top, left = (k * stride + stride // 2 - size // 2 for k in (i, j))
        covered = x.copy()
        covered[:, max(top, 0) : top + size, max(left, 0) : left + size] = fill
        drops[:, i, j] = before - softmax(model.forward(covered))[chosen]
    return drops


def enlarge(maps: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return maps (N, h, w) smoothly enlarged to the size of an image, (N, H, W).

    A cell of a map stands for ``H / h`` by ``W / w`` pixels. Each pixel is a weighted sum of
    the four cells nearest to it along each side, with the weights of a cubic B-spline; outside
    the map there is nothing. A map that already has the image's size stays as it is.

    Parameters
    ----------
    maps : ndarray (N, h, w)
    shape : (H, W, ...)
        The image's.
    """
    maps = check_axes(maps, ("N", "h", "w"), "maps")
    if maps.shape[1:] == tuple(shape[:2]):
        return maps
    down, across = (
        _spline_weights(size, cells).astype(maps.dtype)
        for size, cells in zip(shape, maps.shape[1:], strict=False)
    )
    return down @ maps @ across.T  # (H, h) @ (N, h, w) @ (w, W)


def _spline_weights(size: int, cells: int) -> np.ndarray:
    """Return the weight of each cell for each pixel along one side: (size, cells)."""
    places = (np.arange(size) + 0.5) * cells / size - 0.5
    d = np.abs(places[:, None] - np.arange(cells))
    near, far = (4 - 6 * d**2 + 3 * d**3) / 6, np.maximum(2 - d, 0) ** 3 / 6
    return np.where(d < 1, near, far)


def peaks(maps: np.ndarray) -> np.ndarray:
    """Return where each map (N, H, W) is largest: row and column, (N, 2).

    Of equal pixels, the first one counts. Enlarge a small map first: see `enlarge`.
    """
    maps = check_axes(maps, ("N", "H", "W"), "maps")
    return np.stack(np.divmod(maps.reshape(len(maps), -1).argmax(axis=1), maps.shape[2]), axis=1)


def inside(places: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Return for each place (N, 2) whether it lies in its box (N, 4) of `make_shapes`: bool (N,).

    A box is row, column, height, width; its pixels are squares around whole numbers.
    """
    boxes = check_axes(boxes, ("N", 4), "boxes")
    corner, size = boxes[:, :2] - 0.5, boxes[:, 2:]
    places = check_axes(places, (len(boxes), 2), "places")
    return np.asarray(((places >= corner) & (places < corner + size)).all(axis=1))


def _last_maps(model: Network) -> int:
    """Return the index of the last layer that returns images (H, W, C)."""
    found = [k for k, layer in enumerate(model.layers) if len(layer.output_shape) == IMAGE_AXES]
    if not found:
        raise ValueError("model has no layer that returns feature maps (H, W, C)")
    return found[-1]


def _classes(labels: int | np.ndarray, count: int, model: Network) -> np.ndarray:
    """Return one class for each image, (N,)."""
    return check_labels(np.broadcast_to(labels, (count,)), count, model.num_classes)


def _one_hot(labels: int | np.ndarray, count: int, model: Network) -> np.ndarray:
    """Return dz/dz of the scores asked about: 1 for the class of each image, otherwise 0."""
    dz = np.zeros((count, model.num_classes), model.dtype)
    dz[np.arange(count), _classes(labels, count, model)] = 1
    return dz
