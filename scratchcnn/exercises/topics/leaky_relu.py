"""Exercise: a layer class of one's own, the leaky ReLU (lesson 09)."""

import numpy as np

from scratchcnn.exercises.declaration import Case, Exercise, Mistake, decimals, integers
from scratchcnn.layers.base import Layer


class LeakyReLU(Layer):
    """Return x where it is positive, and slope * x elsewhere.

    Parameters
    ----------
    slope : float
        What numbers that are not positive are multiplied by.
    """

    def __init__(self, slope=0.1):
        super().__init__()
        self.slope = slope

    def forward(self, x, training=False):
        """Return y, with the same shape as x. Keep what backward needs."""
        self.x = x
        return np.where(x > 0, x, self.slope * x)

    def backward(self, dy):
        """Return dx = dL/dx, given dy = dL/dy; x is the input of the last forward."""
        return np.where(self.x > 0, dy, self.slope * dy)


def forth_and_back(cls, x, dy, slope=None):
    """Make a layer, run it forward and back as training does, and return y and dx."""
    if Layer not in getattr(cls, "__mro__", ()):
        raise TypeError("it is not a Layer, so no network could use it")
    layer, another = cls() if slope is None else cls(slope), cls(0.7)
    for each in (layer, another):
        each.build(x.shape[1:], np.random.default_rng(0), "float64")
    layer.forward(np.abs(x), training=True)  # an earlier batch, which must not count
    y = layer.forward(x, training=True)
    another.forward(-x, training=True)  # nor must what another layer has seen
    return y, layer.backward(dy)


def leaky(forward=None, backward=None):
    """Return a wrong answer: LeakyReLU with other rules for y and dx."""

    class Wrong(LeakyReLU):
        def forward(self, x, training=False):
            y = super().forward(x)
            return y if forward is None else forward(x, self.slope)

        def backward(self, dy):
            return super().backward(dy) if backward is None else backward(dy, self.x, self.slope)

    return Wrong


class FirstInputKept(LeakyReLU):
    """Keep the first input forever."""

    def forward(self, x, training=False):
        """Ignore all inputs but the first."""
        y = super().forward(x)
        self.first = self.x = getattr(self, "first", x)
        return y


class Shared(LeakyReLU):
    """Keep the input for all layers of the class together."""

    def forward(self, x, training=False):
        """Write x into the class."""
        Shared.x = x
        return np.where(x > 0, x, self.slope * x)


Exercise(
    LeakyReLU,
    lesson=9,
    returns=("y", "dx"),
    use=forth_and_back,
    cases=[
        Case(np.array([[-10.0, 0.0, 2.0]]), np.array([[5.0, 5.0, 5.0]]), 0.2),
        Case(np.array([[3.0, -4.0], [-5.0, 6.0]]), np.array([[1.0, -2.0], [-3.0, 4.0]])),
        Case(integers(180, 3, 2, 4), integers(181, 3, 2, 4), 0.5),
        Case(decimals(182, 2, 5), decimals(183, 2, 5), 0.01),
        Case(decimals(184, 3, 3), decimals(185, 3, 3), 0.0),
    ],
    mistakes=[
        Mistake(
            "backward of ReLU",
            "Your backward is that of ReLU. Where x is not positive, y changes with x by slope, "
            "so dx is slope * dy there, not 0.",
            leaky(backward=lambda dy, x, slope: np.where(x > 0, dy, 0)),
        ),
        Mistake(
            "forward of ReLU",
            "Your forward is that of ReLU. Where x is not positive, return slope * x instead of 0.",
            leaky(forward=lambda x, slope: np.where(x > 0, x, 0)),
        ),
        Mistake(
            "ReLU both ways",
            "That is ReLU, forward and back. Put slope * x in the place of 0, and slope * dy in "
            "backward.",
            leaky(
                lambda x, slope: np.where(x > 0, x, 0), lambda dy, x, slope: np.where(x > 0, dy, 0)
            ),
        ),
        Mistake(
            "dy asked instead of x",
            "Your backward asks whether dy is positive. What matters is the sign of x, which "
            "forward has kept.",
            leaky(backward=lambda dy, x, slope: np.where(dy > 0, dy, slope * dy)),
        ),
        Mistake(
            "dy forgotten",
            "Your backward returns the slope of the function, 1 or slope. Multiply it by dy "
            "(chain rule).",
            leaky(backward=lambda dy, x, slope: np.where(x > 0, 1, slope)),
        ),
        Mistake(
            "dy forgotten below zero",
            "Where x is not positive, your backward returns slope. Multiply it by dy there.",
            leaky(backward=lambda dy, x, slope: np.where(x > 0, dy, slope)),
        ),
        Mistake(
            "slope everywhere in backward",
            "Your backward multiplies all of dy by slope. Where x was positive, dy passes "
            "unchanged.",
            leaky(backward=lambda dy, x, slope: slope * dy),
        ),
        Mistake(
            "dy passed on unchanged",
            "Your backward returns dy as it is. Where x was not positive, multiply it by slope.",
            leaky(backward=lambda dy, x, slope: dy),
        ),
        Mistake(
            "dy times y",
            "Your backward multiplies dy by y. Multiply it by the slope of the function: 1 where x "
            "is positive, slope elsewhere.",
            leaky(backward=lambda dy, x, slope: dy * np.where(x > 0, x, slope * x)),
        ),
        Mistake(
            "x instead of dy",
            "Your backward returns numbers made from x. dx is made from dy: x only decides which "
            "of them are multiplied by slope.",
            leaky(backward=lambda dy, x, slope: np.where(x > 0, x, slope * x)),
        ),
        Mistake(
            "gradient at zero",
            "Where x is exactly 0, dx is slope * dy by our rule. Compare with > instead of >=.",
            leaky(backward=lambda dy, x, slope: np.where(x >= 0, dy, slope * dy)),
        ),
        Mistake(
            "always 0.1",
            "Your layer always uses a slope of 0.1. Use self.slope.",
            leaky(
                lambda x, slope: np.where(x > 0, x, 0.1 * x),
                lambda dy, x, slope: np.where(x > 0, dy, 0.1 * dy),
            ),
        ),
        Mistake(
            "absolute slope",
            "The numbers below 0 come out positive. slope * x is negative there.",
            leaky(forward=lambda x, slope: np.where(x > 0, x, -slope * x)),
        ),
        Mistake(
            "slope everywhere",
            "You multiply all numbers by slope. Positive ones stay as they are.",
            leaky(lambda x, slope: slope * x, lambda dy, x, slope: slope * dy),
        ),
        Mistake(
            "first input kept",
            "Your backward uses the input of an earlier forward. Keep the new x each time.",
            FirstInputKept,
        ),
        Mistake(
            "input kept in the class",
            "All layers of your class share one x, so the second one overwrites that of the first. "
            "Keep it in self.",
            Shared,
        ),
    ],
    hints=(
        "In forward, np.where chooses between two arrays, number by number. What are the two?",
        "backward is relu_backward with something else in the place of 0. Where does x come from? "
        "Let forward keep it: self.x = x.",
        "In backward, ask where self.x is positive, not where dy is. There dx is dy, and elsewhere "
        "it is self.slope * dy.",
    ),
)
