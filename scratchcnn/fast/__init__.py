"""The same numbers, sooner (lessons 12 and 13). Nothing else in the library needs this folder.

`training.py` asks `executor` for something faster than layer after layer. There are three ways:

* fused.py: convolution, ReLU and pooling in one step, in an order that memory likes;
* workers.py: every processor core works on images of its own;
* inference.py: where nothing is learned, many images together, batch-innermost in memory.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from scratchcnn._utils.parameters import Parameters
from scratchcnn._utils.protocols import Network
from scratchcnn._utils.validation import outside_the_package
from scratchcnn.fast.executor import FastExecutor
from scratchcnn.fast.support import edited_method, is_supported
from scratchcnn.layers.activations import Dropout

FEW = 2  # images of yours in the trial, and as many of noise
# Fewer are not worth the trial, nor a handover to another thread.
MIN_IMAGES_TO_PREDICT = 64


class Plain(Protocol):
    """What the faster executor is held to."""

    def loss_and_gradients(self, x: np.ndarray, labels: np.ndarray) -> tuple[float, int]:
        """Fill the layers' `grads`; return the mean loss and the number of correct answers."""

    def logits(self, x: np.ndarray) -> np.ndarray:
        """Return the scores (N, classes)."""


def executor(
    model: Network,
    plain: Callable[[Network], Plain],
    x: np.ndarray,
    labels: np.ndarray | None = None,
) -> FastExecutor | None:
    """Return a faster executor for ``model``, or None where there is none.

    There is none for layers that are not known here, and none for edited ones: what you have
    changed in a layer is what is computed. A replaced method is seen at once. An edit of the
    source shows in a trial, which compares both ways: with the first images, with noise ten
    times larger than pixels are, and with every parameter moved, since a bias of 0 hides much.
    The trial cannot see an edit that makes no difference to these few images, and none that is
    made while `fit` is running.

    Parameters
    ----------
    model : Sequential
    plain : callable
        Makes, of a network, the executor that goes layer by layer.
    x : ndarray (N, *input_shape)
        The images to come, or the first of them.
    labels : ndarray of int (N,), optional
        Their labels, if the network is to learn.
    """
    if not is_supported(model) or (labels is None and len(x) < MIN_IMAGES_TO_PREDICT):
        return None
    edited = edited_method(model, plain)
    if edited is None and _agrees(model, plain, x, labels):
        return FastExecutor(model)
    what = f"{edited} has been replaced" if edited else "a layer's source has been edited"
    warnings.warn(
        f"{what}: the network runs layer by layer, as edited, and slower",
        RuntimeWarning,
        stacklevel=outside_the_package(),
    )
    return None


def _agrees(
    model: Network, plain: Callable[[Network], Plain], x: np.ndarray, labels: np.ndarray | None
) -> bool:
    """Say whether both ways give the same for a few images, beyond rounding; on copies."""
    fast_model, slow_model = _moved_copy(model), _moved_copy(model)
    x = x[:FEW].astype(np.float64)
    x = np.concatenate([x, 10 * np.random.default_rng(1).standard_normal((FEW, *x.shape[1:]))])
    with FastExecutor(fast_model, micro_batch=FEW, threads=False) as fast:
        slow = plain(slow_model)
        try:
            if not _close(fast.logits(x), slow.logits(x)):
                return False
            if labels is None:
                return True
            # Also a single image, for which the loss has formulas of its own.
            one_by_one = len(labels) == 1
            labels = np.resize(labels[:FEW], len(x))
            for part in (slice(None), slice(1))[one_by_one:]:
                losses = [each.loss_and_gradients(x[part], labels[part]) for each in (fast, slow)]
                ours, theirs = fast_model.grads, slow_model.grads
                if not (
                    _close(*map(np.array, losses))
                    and ours.keys() == theirs.keys()
                    and all(_close(ours[name], theirs[name]) for name in ours)
                ):
                    return False
        except Exception:  # an edit may also break; the plain way tells how
            return False
    return True


def _moved_copy(model: Network) -> Any:
    """Return a copy in float64, in which rounding is small, with all parameters moved a little."""
    moved: Any = model.replica()
    rng = np.random.default_rng(0)
    for _, layer in moved.walk():
        layer.dtype = np.dtype("float64")
        arrays = {name: p + 0.2 * (rng.random(p.shape) - 0.5) for name, p in layer._params.items()}
        layer._params = Parameters(layer.name, "float64", arrays)
        if isinstance(layer, Dropout):
            layer.rng = np.random.default_rng(1)  # which draws the same in each copy
    return moved


def _close(ours: np.ndarray, theirs: np.ndarray) -> bool:
    """Say whether two arrays differ by no more than rounding; NaN equals NaN."""
    scale = np.linalg.norm(theirs)
    if ours.shape != theirs.shape or not np.isfinite(scale):
        return ours.shape == theirs.shape and not np.isfinite(np.linalg.norm(ours))
    return bool(np.linalg.norm(ours - theirs) <= 1e-7 * scale + 1e-9)
