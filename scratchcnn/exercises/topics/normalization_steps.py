"""Exercises: back through the two steps of normalizing, centering and scaling (lesson 10)."""

import numpy as np

from scratchcnn.exercises.declaration import Case, Exercise, Mistake, decimals, integers
from scratchcnn.exercises.topics.normalization import normalized


def center_backward(dy):
    """Return the gradient of y = x - x.mean(axis=0).

    Parameters
    ----------
    dy : array (N, D)
        dL/dy.

    Returns
    -------
    dx : array (N, D)
        dL/dx. Each number also changes the mean of its column, and so all of y in this column.
    """
    return dy - dy.mean(axis=0)


Exercise(
    center_backward,
    lesson=10,
    returns=("dx",),
    cases=[
        Case(np.array([[1.0], [0.0]])),
        Case(np.array([[3.0, 0.0], [0.0, -6.0], [0.0, 0.0]])),
        Case(integers(210, 4, 3)),
        Case(decimals(211, 3, 5)),
    ],
    mistakes=[
        Mistake(
            "mean taken for a constant",
            "You treat the mean as a constant. If one number of a column grows, the mean grows as "
            "well, and all y of this column become smaller.",
            lambda dy: dy,
        ),
        Mistake(
            "sum instead of mean",
            "You subtract the sum of the column. A number changes the mean only by 1/N of its own "
            "change, so subtract the mean of dy.",
            lambda dy: dy - dy.sum(axis=0),
        ),
        Mistake(
            "only its own row",
            "You look only at the y of the same row. The mean is in the y of every row, so all dy "
            "of the column count.",
            lambda dy: dy * (1 - 1 / len(dy)),
        ),
        Mistake(
            "whole batch at once",
            "You subtract the mean of all numbers. Each column has its own: axis=0.",
            lambda dy: dy - dy.mean(),
        ),
        Mistake(
            "wrong axis",
            "You subtract the means of the rows. The columns were centered: axis=0.",
            lambda dy: dy - dy.mean(axis=1, keepdims=True),
        ),
        Mistake(
            "wrong axis, without keepdims",
            "dy.mean(axis=1) is one number for each row. The columns were centered: axis=0.",
            lambda dy: dy - dy.mean(axis=1),
        ),
        Mistake(
            "direct part forgotten",
            "Only the part through the mean is there. Each number also acts directly on its own y: "
            "add dy.",
            lambda dy: -dy.mean(axis=0) + np.zeros(dy.shape),
        ),
        Mistake(
            "1/N without dy",
            "You subtract 1/N from each number. That is how much of an x arrives at the mean; "
            "multiply it by the sum of the column's dy (chain rule).",
            lambda dy: dy - 1 / len(dy),
        ),
        Mistake(
            "plus instead of minus",
            "You add the mean of dy. In y the mean is subtracted, so its gradient is, too.",
            lambda dy: dy + dy.mean(axis=0),
        ),
    ],
    hints=(
        "Take a column of two numbers, and let the first grow by 0.1. By how much does the mean "
        "grow? How do both y change?",
        "The direct part is dy. The mean is subtracted from each y of the column, so its gradient "
        "is minus the sum of the column's dy. And each x has a share of 1/N in the mean.",
        "So from every dy you subtract sum / N, and that is the mean of its column: axis=0.",
    ),
)


def scale_backward(dy, c, epsilon=1e-3):
    """Return the gradient of y = c / std, where std = sqrt((c**2).mean(axis=0) + epsilon).

    Parameters
    ----------
    dy : array (N, D)
        dL/dy.
    c : array (N, D)
        Numbers whose columns have the mean 0.
    epsilon : float
        Added to the variance.

    Returns
    -------
    dc : array (N, D)
        dL/dc. Each number also changes the std of its column, and so all of y in this column.
    """
    std = np.sqrt((c**2).mean(axis=0) + epsilon)
    dstd = -(dy * c).sum(axis=0) / std**2
    return dy / std + dstd * c / (len(c) * std)


def centered(seed, *shape):
    """Return numbers whose columns have the mean 0."""
    x = decimals(seed, *shape)
    return x - x.mean(axis=0)


def scaled_back(dy, c, epsilon, direct=1, through=1, epsilons=1):
    """Return wrong answers: `scale_backward` with other factors for its parts."""
    std = np.sqrt((c**2).mean(axis=0) + epsilons * epsilon)
    dstd = -(dy * c).sum(axis=0) / std**2
    return direct * dy / std + through * dstd * c / (len(c) * std)


def summed_over_everything(dy, c, epsilon=1e-3):
    """Take one gradient for the std of all columns."""
    std = np.sqrt((c**2).mean(axis=0) + epsilon)
    return dy / std - (dy * c / std**2).sum() * c / (len(c) * std)


def products_summed_over_everything(dy, c, epsilon=1e-3):
    """Take one sum of dy * c for all columns."""
    std = np.sqrt((c**2).mean(axis=0) + epsilon)
    return dy / std - (dy * c).sum() / std**2 * c / (len(c) * std)


Exercise(
    scale_backward,
    lesson=10,
    returns=("dc",),
    cases=[
        Case(np.array([[1.0], [0.0]]), np.array([[-1.0], [1.0]]), 0.0),
        Case(np.array([[1.0], [0.0], [0.0], [0.0]]), np.array([[-4.0], [0.0], [4.0], [0.0]]), 1.0),
        Case(integers(212, 3, 2), centered(213, 3, 2)),
        Case(np.array([[2.0], [1.0]]), np.zeros((2, 1)), 0.25),
        Case(decimals(214, 5, 4), centered(215, 5, 4), 0.1),
    ],
    mistakes=[
        Mistake(
            "std taken for a constant",
            "You treat std as a constant. If one number of a column moves away from 0, std grows "
            "as well, and all y of this column become smaller.",
            lambda dy, c, epsilon=1e-3: scaled_back(dy, c, epsilon, through=0),
        ),
        Mistake(
            "direct part forgotten",
            "Only the part through std is there. Each number also acts directly on its own y: add "
            "dy / std.",
            lambda dy, c, epsilon=1e-3: scaled_back(dy, c, epsilon, direct=0),
        ),
        Mistake(
            "part through std added",
            "The part through std has the wrong sign. A larger std makes y smaller: the derivative "
            "of c / std with respect to std is -c / std**2.",
            lambda dy, c, epsilon=1e-3: scaled_back(dy, c, epsilon, through=-1),
        ),
        Mistake(
            "N forgotten",
            "In the part through std, N is missing. The variance is a mean, so each number has "
            "only a share of 1/N in it.",
            lambda dy, c, epsilon=1e-3: scaled_back(dy, c, epsilon, through=len(c)),
        ),
        Mistake(
            "N divided by twice",
            "In the part through std, you divide by N twice. Take the sum of dy * c, not its mean: "
            "1/N comes once, from the variance.",
            lambda dy, c, epsilon=1e-3: scaled_back(dy, c, epsilon, through=1 / len(c)),
        ),
        Mistake(
            "std missing once",
            "In the part through std, one division by std is missing. The slope of c / std brings "
            "std**2 into the denominator, and the slope of the root brings one more std.",
            lambda dy, c, epsilon=1e-3: scaled_back(
                dy, c, epsilon, through=np.sqrt((c**2).mean(axis=0) + epsilon)
            ),
        ),
        Mistake(
            "derivative of the root",
            "In the part through std, a factor is not right. The slope of the root is "
            "1 / (2 * std), and that of c**2 is 2 * c, so the 2 cancels.",
            lambda dy, c, epsilon=1e-3: scaled_back(dy, c, epsilon, through=2),
        ),
        Mistake(
            "half of the part through std",
            "The part through std is only half of what it should be. The slope of c**2 is 2 * c, "
            "and this 2 cancels that of the root.",
            lambda dy, c, epsilon=1e-3: scaled_back(dy, c, epsilon, through=0.5),
        ),
        Mistake(
            "not summed",
            "In the part through std, each dy counts only for its own row. std is in every y of "
            "the column, so sum dy * c over the column first.",
            lambda dy, c, epsilon=1e-3: (
                (dy - dy * normalized(c, epsilon) ** 2 / len(c))
                / np.sqrt((c**2).mean(axis=0) + epsilon)
            ),
        ),
        Mistake(
            "summed over everything",
            "You sum dy * c over the whole batch. Each column has a std of its own: axis=0.",
            products_summed_over_everything,
        ),
        Mistake(
            "summed over everything, with std",
            "You sum over the whole batch. Each column has a std of its own: axis=0.",
            summed_over_everything,
        ),
        Mistake(
            "centered as well",
            "You also subtract the mean of dy. That is for center_backward; here the only way "
            "besides the direct one goes through std.",
            lambda dy, c, epsilon=1e-3: center_backward(scaled_back(dy, c, epsilon)),
        ),
        Mistake(
            "epsilon forgotten",
            "epsilon is missing in std. In a column of zeros, std would be 0.",
            lambda dy, c, epsilon=1e-3: scaled_back(dy, c, epsilon, epsilons=0),
        ),
        Mistake(
            "c instead of y",
            "You multiply by c where the normalized numbers c / std belong. Both differ by a "
            "factor of std.",
            lambda dy, c, epsilon=1e-3: (
                (dy - c * (dy * c).mean(axis=0)) / np.sqrt((c**2).mean(axis=0) + epsilon)
            ),
        ),
    ],
    hints=(
        "There are two ways from c to the loss. The direct one gives dy / std. The other goes "
        "through std: how does the loss change with std, and how does std change with c?",
        "The derivative of c / std with respect to std is -c / std**2. std is in all y of the "
        "column, so dstd = -(dy * c).sum(axis=0) / std**2.",
        "And std changes with each c by c / (N * std). So add dy / std and dstd * c / (N * std), "
        "where N is len(c).",
    ),
)
