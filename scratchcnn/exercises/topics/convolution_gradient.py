"""Exercise: the gradients of a convolution (lesson 02)."""

import re

import numpy as np

from scratchcnn.exercises.declaration import Case, Crash, Exercise, Mistake, decimals, integers
from scratchcnn.exercises.topics.convolution import KERNEL, SEVEN
from scratchcnn.exercises.windows import window_slip

DY = np.array([[0, 0, 0], [0, 1, 0], [0, -2, 0]])  # as in the lesson


def correlate_backward(dy, x, k):
    """Return both gradients of y = correlate(x, k).

    Parameters
    ----------
    dy : array (H - KH + 1, W - KW + 1)
        dL/dy, the gradient of the loss with respect to each output.
    x : array (H, W)
        The image.
    k : array (KH, KW)
        The kernel.

    Returns
    -------
    dx : array (H, W)
        dL/dx.
    dk : array (KH, KW)
        dL/dk.
    """
    dx, dk = np.zeros(x.shape), np.zeros(k.shape)
    for i, j in np.ndindex(dy.shape):
        for a, b in np.ndindex(k.shape):
            # forward: y[i, j] += x[i + a, j + b] * k[a, b]
            dx[i + a, j + b] += k[a, b] * dy[i, j]
            dk[a, b] += x[i + a, j + b] * dy[i, j]
    return dx, dk


def with_dx(part):
    """Return a wrong answer in which ``part(dx, dy, x, k, i, j, a, b)`` fills dx. dk is right."""

    def function(dy, x, k):
        dx = np.zeros(x.shape)
        for place in np.ndindex(*dy.shape, *k.shape):
            part(dx, dy, x, k, *place)
        return dx, correlate_backward(dy, x, k)[1]

    return function


def with_dk(part):
    """Return a wrong answer in which ``part(dk, dy, x, k, i, j, a, b)`` fills dk. dx is right."""

    def function(dy, x, k):
        dk = np.zeros(k.shape)
        for place in np.ndindex(*dy.shape, *k.shape):
            part(dk, dy, x, k, *place)
        return correlate_backward(dy, x, k)[0], dk

    return function


@with_dx
def overwritten(dx, dy, x, k, i, j, a, b):
    """Let each window overwrite what its neighbors have written into dx."""
    dx[i + a, j + b] = k[a, b] * dy[i, j]


@with_dx
def corner(dx, dy, x, k, i, j, a, b):
    """Add everything to the corner of the window."""
    dx[i, j] += k[a, b] * dy[i, j]


@with_dx
def pixel_itself(dx, dy, x, k, i, j, a, b):
    """Multiply dy by the pixel, instead of the kernel."""
    dx[i + a, j + b] += x[i + a, j + b] * dy[i, j]


@with_dx
def dx_without_dy(dx, dy, x, k, i, j, a, b):
    """Forget the chain rule in dx."""
    dx[i + a, j + b] += k[a, b]


@with_dk
def last_window(dk, dy, x, k, i, j, a, b):
    """Let each window overwrite dk."""
    dk[a, b] = x[i + a, j + b] * dy[i, j]


@with_dk
def corner_pixel(dk, dy, x, k, i, j, a, b):
    """Take the corner of the window for all numbers of the kernel."""
    dk[a, b] += x[i, j] * dy[i, j]


@with_dk
def kernel_itself(dk, dy, x, k, i, j, a, b):
    """Multiply dy by the kernel, instead of the pixel."""
    dk[a, b] += k[a, b] * dy[i, j]


@with_dk
def dk_without_dy(dk, dy, x, k, i, j, a, b):
    """Forget the chain rule in dk."""
    dk[a, b] += x[i + a, j + b]


def for_each_output(dy, x, k):
    """Add up dk over the kernel, instead of over the windows."""
    dk = np.zeros(dy.shape)
    for i, j in np.ndindex(dy.shape):
        dk[i, j] = dy[i, j] * x[i : i + k.shape[0], j : j + k.shape[1]].sum()
    return correlate_backward(dy, x, k)[0], dk


def whole_dy_in_dx(dy, x, k):
    """Multiply the kernel by all of dy, instead of the window's own number."""
    dx, (KH, KW) = np.zeros(x.shape), k.shape
    for i, j in np.ndindex(dy.shape):
        dx[i : i + KH, j : j + KW] += dy * k
    return dx, correlate_backward(dy, x, k)[1]


def whole_dy_in_dk(dy, x, k):
    """Multiply the window by all of dy."""
    dk, (KH, KW) = np.zeros(k.shape), k.shape
    for i, j in np.ndindex(dy.shape):
        dk += dy * x[i : i + KH, j : j + KW]
    return correlate_backward(dy, x, k)[0], dk


def wrong_shape(crash: Crash) -> str:
    """Say whether a gradient has the wrong shape."""
    for gradient, of in (("dk", "k"), ("dx", "x")):
        found = crash.names.get(gradient)
        if isinstance(found, np.ndarray) and found.shape != crash.arguments[of].shape:
            return (
                f"{gradient} has shape {found.shape}. It should be as large as {of}: "
                f"{gradient} = np.zeros({of}.shape)."
            )
    if isinstance(crash.error, ValueError) and re.search(r"\bdy\b(?!\[)", crash.line):
        return "One window has one number of dy: use dy[i, j]."
    return window_slip(crash)


Exercise(
    correlate_backward,
    lesson=2,
    returns=("dx", "dk"),
    cases=[
        Case(np.array([[1, 10]]), np.array([[2, 3, 5]]), np.array([[7, 11]])),
        Case(DY, SEVEN, KERNEL),
        Case(integers(20, 2, 1), integers(21, 3, 3), integers(22, 2, 3)),
        Case(integers(23, 4, 4), integers(24, 6, 5), integers(25, 3, 2)),
        Case(decimals(26, 1, 1), decimals(27, 3, 4), decimals(28, 3, 4)),
        Case(decimals(29, 3, 5), decimals(30, 4, 5), decimals(31, 2, 1)),
    ],
    mistakes=[
        Mistake(
            "gradients in the wrong order",
            "Both gradients are right, but they come in the wrong order: return dx, dk.",
            lambda dy, x, k: correlate_backward(dy, x, k)[::-1],
        ),
        Mistake(
            "gradients in the wrong order, dx not begun",
            "dk is right, but it comes first. The two results are in the wrong order: return dx, "
            "dk.",
            lambda dy, x, k: (correlate_backward(dy, x, k)[1], np.zeros(x.shape)),
        ),
        Mistake(
            "windows overwrite dx",
            "In dx, each window overwrites its neighbors. A pixel belongs to several windows, so "
            "add up with +=.",
            overwritten,
        ),
        Mistake(
            "windows overwrite dk",
            "In dk, only the last window is left. The kernel is used at every place, so add up "
            "over all of them with +=.",
            last_window,
        ),
        Mistake(
            "everything to the corner",
            "In dx, you add everything to the corner of the window. k[a, b] was multiplied by "
            "x[i + a, j + b], so its share belongs to dx[i + a, j + b].",
            corner,
        ),
        Mistake(
            "the pixel itself in dx",
            "In dx, you multiply dy[i, j] by the pixel itself. A pixel gets the number of the "
            "kernel that it was multiplied by: k[a, b].",
            pixel_itself,
        ),
        Mistake(
            "the corner's pixel",
            "In dk, you always take the pixel in the corner of the window. Each number of the "
            "kernel meets a pixel of its own: x[i + a, j + b].",
            corner_pixel,
        ),
        Mistake(
            "the kernel itself in dk",
            "In dk, you multiply dy[i, j] by the kernel itself. In y[i, j], k[a, b] is multiplied "
            "by the pixel x[i + a, j + b].",
            kernel_itself,
        ),
        Mistake(
            "dk for each output",
            "dk has a number for each output. It should have one for each number of the kernel: "
            "dk = np.zeros(k.shape), and dk[a, b] adds up over all windows.",
            for_each_output,
        ),
        Mistake(
            "all of dy in dx",
            "In dx, you multiply the kernel by all of dy. One window has one number: dy[i, j].",
            whole_dy_in_dx,
        ),
        Mistake(
            "all of dy in dk",
            "In dk, you multiply the window by all of dy. One window has one number: dy[i, j].",
            whole_dy_in_dk,
        ),
        Mistake(
            "dy forgotten in dx",
            "In dx, dy is missing: multiply each contribution by dy[i, j] (chain rule).",
            dx_without_dy,
        ),
        Mistake(
            "dy forgotten in dk",
            "In dk, dy is missing: multiply each contribution by dy[i, j] (chain rule).",
            dk_without_dy,
        ),
        Mistake(
            "flipped kernel in dx",
            "In dx, the kernel is flipped. The pixel x[i + a, j + b] was multiplied by k[a, b], so "
            "that is the number it gets back.",
            lambda dy, x, k: (
                correlate_backward(dy, x, k[::-1, ::-1])[0],
                correlate_backward(dy, x, k)[1],
            ),
        ),
        Mistake(
            "flipped dk",
            "dk is rotated by 180 degrees: write to dk[a, b] what belongs to the kernel's row a, "
            "column b.",
            lambda dy, x, k: (
                correlate_backward(dy, x, k)[0],
                correlate_backward(dy, x, k)[1][::-1, ::-1],
            ),
        ),
    ],
    hints=(
        "Write down the line of the forward pass, y[i, j] += x[i + a, j + b] * k[a, b]. A product "
        "has two factors. What is the gradient with respect to each of them?",
        "The gradient of each factor is the other factor, times dy[i, j]. Visit the same places "
        "with the same four loops, and add up in dx and dk, which begin as zeros.",
        "In the loops: dx[i + a, j + b] += k[a, b] * dy[i, j], and "
        "dk[a, b] += x[i + a, j + b] * dy[i, j].",
    ),
    explain_error=wrong_shape,
)
