"""The same numbers, sooner (lessons 12 and 13). Nothing else in the library needs this folder.

`training.py` asks `executor` for something faster than layer after layer. There are three ways:

* fused.py: convolution, ReLU and pooling in one step, in an order that memory likes;
* workers.py: every processor core works on images of its own;
* inference.py: where nothing is learned, many images together, batch-innermost in memory.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from typing import Protocol

import numpy as np

from scratchcnn._utils.protocols import Network
from scratchcnn.fast.executor import FastExecutor
from scratchcnn.fast.support import edited_method, is_supported

FEW = 4  # images in the trial
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
    source shows in a trial with the first few images, which compares with the plain way.

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
    edited = edited_method(model)
    if edited is None and _agrees(model, plain, x[:FEW], None if labels is None else labels[:FEW]):
        return FastExecutor(model)
    what = f"{edited} has been replaced" if edited else "a layer's source has been edited"
    warnings.warn(
        f"{what}: the network runs layer by layer, as edited, and slower",
        RuntimeWarning,
        stacklevel=4,
    )
    return None


def _agrees(
    model: Network, plain: Callable[[Network], Plain], x: np.ndarray, labels: np.ndarray | None
) -> bool:
    """Say whether both ways give the same for a few images, beyond rounding; on copies."""
    slow_model, fast_model = copy.deepcopy(model), copy.deepcopy(model)
    with FastExecutor(fast_model) as fast:
        slow = plain(slow_model)
        try:
            if not _close(fast.logits(x), slow.logits(x)):
                return False
            if labels is None:
                return True
            losses = [each.loss_and_gradients(x, labels) for each in (fast, slow)]
        except Exception:  # an edit may also break; the plain way tells how
            return False
    ours, theirs = fast_model.grads, slow_model.grads
    return (
        _close(*(np.array(loss) for loss in losses))
        and ours.keys() == theirs.keys()
        and all(_close(ours[name], theirs[name]) for name in ours)
    )


def _close(ours: np.ndarray, theirs: np.ndarray) -> bool:
    """Say whether two arrays differ by no more than rounding; NaN equals NaN."""
    tolerance = 1e-3 if np.float32 in (ours.dtype, theirs.dtype) else 1e-7
    scale = np.linalg.norm(theirs)
    if ours.shape != theirs.shape or not np.isfinite(scale):
        return ours.shape == theirs.shape and not np.isfinite(np.linalg.norm(ours))
    return bool(np.linalg.norm(ours - theirs) <= tolerance * scale + np.finfo(theirs.dtype).eps)
