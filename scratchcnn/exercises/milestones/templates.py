"""Milestone: templates, a classifier of one dense layer (workbook 05)."""

import numpy as np

from scratchcnn.data.mnist import load_mnist
from scratchcnn.exercises.milestone_declaration import Milestone, Trained

UPDATES, RATE = 500, 0.2


def as_rows(images):
    """Turn images (N, 28, 28), 0 to 255, into rows (N, 784) between -0.5 and 0.5."""
    return images.reshape(len(images), 784) / 255 - 0.5


def train(own, step):
    """Train the templates exactly as the workbook does, from weights of zero."""
    (images, labels), _ = load_mnist()
    x, w, b = as_rows(images), np.zeros((784, 10)), np.zeros(10)
    for _ in range(UPDATES):
        z = own.dense(x, w, b)
        dz = own.cross_entropy_backward(z, labels)
        _, dw, db = own.dense_backward(dz, x, w)
        w -= RATE * dw
        b -= RATE * db
        step()
    return Trained(lambda images: own.dense(as_rows(images), w, b), w)


def draw(w):
    """Draw the ten templates."""
    from scratchcnn.plots.arrays import images

    titles = [str(digit) for digit in range(10)]
    return images(w.T.reshape(10, 28, 28), titles, signed=True, columns=5, size=1.5)


Milestone(
    name="templates",
    yours="your own templates read digits",
    helped="templates read digits",
    lesson=5,
    goal=0.8,
    needs=("dense", "dense_backward", "cross_entropy_backward"),
    library="",
    updates=UPDATES,
    train=train,
    draw=draw,
)
