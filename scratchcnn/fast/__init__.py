"""The same numbers, faster (lessons 12 and 13). Nothing else in the library needs this folder.

`training.py` asks `executor` for something faster than layer by layer. There are three ways:

* fused.py: convolution, ReLU and pooling in one step, in a memory-friendly order;
* workers.py: every processor core works on its own images;
* inference.py: for prediction, many images together, batch-innermost in memory.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from scratchcnn._utils.parameters import Parameters
from scratchcnn._utils.protocols import Network
from scratchcnn._utils.validation import outside_the_package
from scratchcnn.fast.executor import FastExecutor
from scratchcnn.fast.support import edited_method, is_supported
from scratchcnn.layers.activations import Dropout
from scratchcnn.layers.base import Shape

FEW = 2  # real images in the trial, and the same number of noise images
# With fewer, neither the trial nor handing work to another thread pays off.
MIN_IMAGES_TO_PREDICT = 64


class Plain(Protocol):
    """The executor that the faster one must agree with."""

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
    """Return a faster executor for ``model``, or None if there is none.

    There is none for layers that are unknown here or have been edited: if you change a layer,
    your version runs. A replaced method is detected directly. An edit of the source shows up in
    a trial that compares both ways: on the first images, on noise ten times larger than pixels,
    and with every parameter changed, since a bias of 0 hides many mistakes. The trial misses
    edits that make no difference for these few images, and edits made while `fit` is running.

    Parameters
    ----------
    model : Sequential
    plain : callable
        Takes a network and returns the executor that goes layer by layer.
    x : ndarray (N, *input_shape)
        The images to process, or the first of them.
    labels : ndarray of int (N,), optional
        Their labels, if the network is to be trained.
    """
    if not is_supported(model) or (labels is None and len(x) < MIN_IMAGES_TO_PREDICT):
        return None
    edited = edited_method(model, plain)
    if edited is None and _agrees(model, plain, x, labels):
        return FastExecutor(model)
    what = f"{edited} has been replaced" if edited else "a layer's source has been edited"
    warnings.warn(
        f"{what}: the edited network runs layer by layer, which is slower",
        RuntimeWarning,
        stacklevel=outside_the_package(),
    )
    return None


def _agrees(
    model: Network, plain: Callable[[Network], Plain], x: np.ndarray, labels: np.ndarray | None
) -> bool:
    """Return whether both ways agree on a few images up to rounding; works on copies."""
    fast_model = _moved_copy(model)
    slow_model = _replica(fast_model)
    x = np.concatenate([x[:FEW], _noise(x.shape[1:])])  # in float64
    with FastExecutor(fast_model, micro_batch=FEW, threads=False) as fast:
        slow = plain(slow_model)
        try:
            if not _close(fast.logits(x), slow.logits(x)):
                return False
            if labels is None:
                return True
            # Also try a single image, for which the loss uses separate formulas.
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
        except Exception:  # an edit may also fail; the plain way then shows the error
            return False
    return True


def _moved_copy(model: Network) -> Any:
    """Return a copy in float64, where rounding is small, with all parameters changed slightly."""
    moved, rng = _replica(model), np.random.default_rng(0)
    for _, layer in moved.walk():
        layer.dtype = np.dtype("float64")
        arrays = {name: p + 0.2 * (rng.random(p.shape) - 0.5) for name, p in layer._params.items()}
        layer._params = Parameters(layer.name, "float64", arrays)
    return moved


def _replica(model: Network) -> Any:
    """Return a replica whose dropout draws the same as in every other one."""
    replica: Any = model.replica()
    for layer in replica.layers:
        if isinstance(layer, Dropout):
            layer.rng = np.random.default_rng(1)
    return replica


@lru_cache(maxsize=4)
def _noise(shape: Shape) -> np.ndarray:
    """Return random images of ``shape``, ten times larger than pixels are."""
    noise = 10 * np.random.default_rng(1).standard_normal((FEW, *shape))
    noise.flags.writeable = False
    return noise


def _close(ours: np.ndarray, theirs: np.ndarray) -> bool:
    """Return whether two arrays are equal up to rounding; NaN equals NaN."""
    scale = np.linalg.norm(theirs)
    if ours.shape != theirs.shape or not np.isfinite(scale):
        return ours.shape == theirs.shape and not np.isfinite(np.linalg.norm(ours))
    return bool(np.linalg.norm(ours - theirs) <= 1e-7 * scale + 1e-9)
