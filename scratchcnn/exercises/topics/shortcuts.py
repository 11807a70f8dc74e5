"""Exercises: a block with a shortcut around it, forward and back (lesson 10)."""

import numpy as np

from scratchcnn.exercises.declaration import Case, Exercise, Mistake, integers


def residual(x, w):
    """Return x plus what a small layer makes of it.

    Parameters
    ----------
    x : array (N, D)
        A row of numbers for each example.
    w : array (D, D)
        The weights of the layer.

    Returns
    -------
    y : array (N, D)
        x + relu(x @ w).
    """
    return x + np.maximum(x @ w, 0)


CASES = [
    (np.array([[2.0]]), np.array([[3.0]])),
    (np.array([[2.0]]), np.array([[-3.0]])),
    (np.array([[1.0, -2.0]]), np.array([[2.0, 1.0], [0.0, 3.0]])),
    (integers(240, 3, 2), integers(241, 2, 2)),
    (integers(242, 4, 5, low=-3, high=4), integers(243, 5, 5, low=-3, high=4)),
]

Exercise(
    residual,
    lesson=10,
    returns=("y",),
    cases=[Case(x, w) for x, w in CASES],
    mistakes=[
        Mistake(
            "shortcut forgotten",
            "That is the layer alone. Add x: this is the shortcut.",
            lambda x, w: np.maximum(x @ w, 0),
        ),
        Mistake(
            "ReLU after the sum",
            "Your ReLU comes after the sum, so it also stops the shortcut. Apply it only to x @ w.",
            lambda x, w: np.maximum(x + x @ w, 0),
        ),
        Mistake(
            "ReLU forgotten",
            "The ReLU is missing: negative numbers of x @ w become 0.",
            lambda x, w: x + x @ w,
        ),
        Mistake(
            "ReLU before the product",
            "Your ReLU comes before the product. Apply it to x @ w.",
            lambda x, w: x + np.maximum(x, 0) @ w,
        ),
        Mistake(
            "max instead of maximum",
            "np.max(z, 0) looks for the largest number of each column: the 0 is an axis. "
            "np.maximum(z, 0) compares each number with 0.",
            lambda x, w: x + np.max(x @ w, 0),
        ),
        Mistake(
            "rows and columns of w swapped",
            "You multiply by the transpose of w. It is x @ w.",
            lambda x, w: x + np.maximum(x @ w.T, 0),
        ),
        Mistake(
            "multiplied place by place",
            "You multiply with *, place by place. The layer takes the matrix product: x @ w.",
            lambda x, w: x + np.maximum(x * w, 0),
        ),
    ],
    hints=(
        "Two ways lead from x to y: one through the layer, one around it. At the end they meet. "
        "What happens there?",
        "The way through the layer is relu(x @ w). np.maximum(..., 0) is ReLU.",
        "Add x to np.maximum(x @ w, 0).",
    ),
)


def residual_backward(dy, x, w):
    """Return the gradients of y = residual(x, w).

    Parameters
    ----------
    dy : array (N, D)
        dL/dy.
    x : array (N, D)
        What went into the block.
    w : array (D, D)
        The weights of the layer.

    Returns
    -------
    dx : array (N, D)
        dL/dx: what comes through the layer, plus what comes around it.
    dw : array (D, D)
        dL/dw. Where x @ w is exactly 0, the slope of ReLU is 0.
    """
    dz = dy * (x @ w > 0)
    return dy + dz @ w.T, x.T @ dz


def back(dy, x, w, gate=lambda x, w: x @ w > 0, around=1, through=1, weights=lambda w: w.T):
    """Return wrong answers: `residual_backward` with other parts."""
    dz = dy * gate(x, w)
    return around * dy + through * (dz @ weights(w)), x.T @ dz


def right_layer(dy, x, w):
    """Return the gradient that has come through the layer, and dw."""
    dx, dw = residual_backward(dy, x, w)
    return dx - dy, dw


Exercise(
    residual_backward,
    lesson=10,
    returns=("dx", "dw"),
    cases=[
        Case(np.array([[1.0]]), *CASES[0]),
        Case(np.array([[1.0]]), *CASES[1]),
        Case(np.array([[2.0, 1.0]]), *CASES[2]),
        Case(np.array([[2.0, 5.0]]), np.array([[1.0, 2.0]]), np.array([[2.0, 1.0], [-1.0, 3.0]])),
        Case(integers(244, 3, 2), *CASES[3]),
        Case(integers(245, 4, 5), *CASES[4]),
    ],
    mistakes=[
        Mistake(
            "shortcut forgotten",
            "dx is only what comes through the layer. What comes around it is dy, unchanged: add "
            "it.",
            right_layer,
        ),
        Mistake(
            "layer forgotten",
            "dx is only what comes around the layer. x also acts through it: add dz @ w.T.",
            lambda dy, x, w: back(dy, x, w, through=0),
        ),
        Mistake(
            "ReLU forgotten",
            "The gradient passes ReLU everywhere. It passes only where x @ w is positive.",
            lambda dy, x, w: back(dy, x, w, gate=lambda x, w: 1),
        ),
        Mistake(
            "ReLU instead of its slope",
            "You multiply dy by relu(x @ w). Multiply it by the slope of ReLU, which is 1 or 0.",
            lambda dy, x, w: back(dy, x, w, gate=lambda x, w: np.maximum(x @ w, 0)),
        ),
        Mistake(
            "1 around the layer",
            "Around the layer you add 1. That is the slope of the shortcut; multiply it by dy "
            "(chain rule).",
            lambda dy, x, w: (1 + right_layer(dy, x, w)[0], right_layer(dy, x, w)[1]),
        ),
        Mistake(
            "x asked instead of x @ w",
            "You ask where x is positive. What went into ReLU is x @ w.",
            lambda dy, x, w: back(dy, x, w, gate=lambda x, w: x > 0),
        ),
        Mistake(
            "y asked instead of x @ w",
            "You ask where y is positive. What went into ReLU is x @ w, without the shortcut.",
            lambda dy, x, w: back(dy, x, w, gate=lambda x, w: residual(x, w) > 0),
        ),
        Mistake(
            "gradient at zero",
            "Where x @ w is exactly 0, the slope is 0 by our rule. Compare with > instead of >=.",
            lambda dy, x, w: back(dy, x, w, gate=lambda x, w: x @ w >= 0),
        ),
        Mistake(
            "ReLU on the shortcut, too",
            "You stop both ways where x @ w is not positive. The shortcut has no ReLU: all of dy "
            "passes.",
            lambda dy, x, w: (
                right_layer(dy, x, w)[0] + dy * (x @ w > 0),
                right_layer(dy, x, w)[1],
            ),
        ),
        Mistake(
            "w not transposed",
            "In dx you multiply by w. The way back through x @ w is dz @ w.T.",
            lambda dy, x, w: back(dy, x, w, weights=lambda w: w),
        ),
        Mistake(
            "ReLU forgotten in dw",
            "dw is x.T @ dy. What comes back to w has passed ReLU: x.T @ dz.",
            lambda dy, x, w: (residual_backward(dy, x, w)[0], x.T @ dy),
        ),
        Mistake(
            "dw transposed",
            "dw is transposed. It has the shape of w, with a row for each input: x.T @ dz.",
            lambda dy, x, w: (residual_backward(dy, x, w)[0], residual_backward(dy, x, w)[1].T),
        ),
    ],
    hints=(
        "y is a sum, so dy goes back along both ways, and at x both are added. What is the "
        "gradient around the layer?",
        "Through the layer: dz = dy * (x @ w > 0) is what has passed ReLU. From there on it is a "
        "dense layer without bias.",
        "dx is dy plus dz @ w.T, and dw is x.T @ dz.",
    ),
)
