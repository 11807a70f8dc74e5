"""Exercises: the dense layer, forward and back (lesson 05)."""

from typing import Any

import numpy as np

from scratchcnn.exercises.declaration import Case, Exercise, Mistake, decimals, integers

X = np.array([[1, 2, 3]])
W = np.array([[1, 10], [2, 20], [3, 30]])
B = np.array([5, 7])


def dense(x, w, b):
    """Compute a score for each class: a weighted sum of all inputs, plus a bias.

    Parameters
    ----------
    x : array (N, inputs)
        A row of numbers for each example.
    w : array (inputs, outputs)
        A column of weights for each output.
    b : array (outputs,)
        A bias for each output.

    Returns
    -------
    y : array (N, outputs)
    """
    return x @ w + b


def weighted_sum(arguments: dict[str, Any], which: int, index: tuple[int, ...]) -> str:
    """Write out the sum behind one output."""
    x, w, b, (n, o) = arguments["x"], arguments["w"], arguments["b"], index
    terms = " + ".join(f"{p:g}*{q:g}" for p, q in zip(x[n], w[:, o], strict=True))
    result = f"{terms} + {b[o]:g} = {x[n] @ w[:, o] + b[o]:g}"
    return f"x[{n}] times w[:, {o}], added up, plus b[{o}]:\n{result}"


Exercise(
    dense,
    lesson=5,
    returns=("y",),
    cases=[
        Case(X, W, B),
        Case(np.array([[1, 2], [3, 4]]), np.array([[1, 10], [2, 20]]), np.array([100, 200])),
        Case(integers(70, 2, 4), integers(71, 4, 3), integers(72, 3)),
        Case(integers(73, 5, 2), integers(74, 2, 1), integers(75, 1)),
        Case(decimals(76, 3, 5), decimals(77, 5, 4), decimals(78, 4)),
    ],
    mistakes=[
        Mistake("bias forgotten", "The bias is missing: add b.", lambda x, w, b: x @ w),
        Mistake(
            "weights transposed",
            "The weights are transposed: each output has a column of w, so it is x @ w.",
            lambda x, w, b: x @ w.T + b,
        ),
        Mistake(
            "number by number",
            "x and w are multiplied number by number. Each output adds up the products of a row of "
            "x and a column of w: x @ w.",
            lambda x, w, b: x * w + b,
        ),
        Mistake(
            "wrong order",
            "The order is wrong: w @ x is not x @ w. Rows of x meet columns of w.",
            lambda x, w, b: w @ x + b,
        ),
        Mistake("bias subtracted", "The bias is subtracted. Add it.", lambda x, w, b: x @ w - b),
        Mistake(
            "bias multiplied",
            "The products are multiplied by the bias. Add it.",
            lambda x, w, b: (x @ w) * b,
        ),
    ],
    hints=(
        "Take one example, x = [1, 2, 3], and the first column of w, [1, 2, 3]. The first output "
        "is 1*1 + 2*2 + 3*3, plus the first bias.",
        "All examples and all outputs at once: that is a matrix product. Shapes: (N, inputs) times "
        "(inputs, outputs) gives (N, outputs).",
        "return x @ w + b. NumPy adds b to every row.",
    ),
    explain=weighted_sum,
)


def dense_backward(dy, x, w):
    """Return the gradients of y = dense(x, w, b).

    Parameters
    ----------
    dy : array (N, outputs)
        dL/dy.
    x : array (N, inputs)
        The inputs.
    w : array (inputs, outputs)
        The weights.

    Returns
    -------
    dx : array (N, inputs)
        dL/dx.
    dw : array (inputs, outputs)
        dL/dw.
    db : array (outputs,)
        dL/db.
    """
    return dy @ w.T, x.T @ dy, dy.sum(axis=0)


def with_other(which, change):
    """Return a wrong answer: `dense_backward`, with one of its gradients changed."""

    def wrong(dy, x, w):
        gradients = list(dense_backward(dy, x, w))
        gradients[which] = change(dy, x, w)
        return tuple(gradients)

    return wrong


Exercise(
    dense_backward,
    lesson=5,
    returns=("dx", "dw", "db"),
    cases=[
        Case(np.array([[1, -1]]), X, W),
        Case(np.array([[1, 2], [3, 4]]), np.array([[5, 6], [7, 9]]), np.array([[1, 10], [2, 20]])),
        Case(integers(80, 2, 3), integers(81, 2, 4), integers(82, 4, 3)),
        Case(integers(83, 5, 1), integers(84, 5, 2), integers(85, 2, 1)),
        Case(decimals(86, 3, 4), decimals(87, 3, 5), decimals(88, 5, 4)),
    ],
    mistakes=[
        Mistake(
            "w not transposed",
            "For dx, w has to be transposed: dy @ w.T.",
            with_other(0, lambda dy, x, w: dy @ w),
        ),
        Mistake(
            "dw transposed",
            "dw is transposed: it must have the shape of w. That is x.T @ dy, not dy.T @ x.",
            with_other(1, lambda dy, x, w: dy.T @ x),
        ),
        Mistake(
            "db not summed",
            "db has a row for each example. The same bias is added to every example, so add up "
            "over them: dy.sum(axis=0).",
            with_other(2, lambda dy, x, w: dy),
        ),
        Mistake(
            "db is a mean",
            "db is a mean over the examples. Take the sum: the loss has already divided by N.",
            with_other(2, lambda dy, x, w: dy.mean(axis=0)),
        ),
        Mistake(
            "dw is a mean",
            "dw is divided by the number of examples. Take the sum: the loss has already divided "
            "by N.",
            with_other(1, lambda dy, x, w: x.T @ dy / len(x)),
        ),
        Mistake(
            "db over the wrong axis",
            "db adds up over the outputs. Add up over the examples: axis=0.",
            with_other(2, lambda dy, x, w: dy.sum(axis=1)),
        ),
        Mistake(
            "wrong order",
            "The gradients come in the wrong order: return dx, dw, db.",
            lambda dy, x, w: (x.T @ dy, dy.sum(axis=0), dy @ w.T),
        ),
    ],
    hints=(
        "Each gradient has the shape of its array: dx that of x, dw that of w, db that of b. Which "
        "products of dy, x and w have these shapes?",
        "Swap rows and columns with .T where shapes do not fit. The bias is added to every "
        "example, so its gradient is a sum over them.",
        "dx = dy @ w.T, dw = x.T @ dy, db = dy.sum(axis=0).",
    ),
)
