"""Milestone: a convolutional network in which every step is the student's (workbook 06)."""

import numpy as np

from scratchcnn.data.mnist import load_mnist
from scratchcnn.exercises.milestone_declaration import Milestone, Trained

IMAGES, BATCH, EPOCHS, RATE = 1000, 10, 2, 0.1
KERNELS = 8


def train(own, step):
    """Train the network of the workbook, with the weights that it begins with there."""

    def feature_maps(k, image):
        windows = own.im2col(image, 3)
        maps = (windows @ k).T.reshape(KERNELS, 26, 26)  # (676, 9) @ (9, 8) -> (676, 8)
        return windows, maps, np.array([own.max_pool(one) for one in maps])

    def gradients(params, images, t):
        k, w, b = params
        stages = [feature_maps(k, image) for image in images]
        rows = np.array([pooled.ravel() for _, _, pooled in stages])
        dz = own.cross_entropy_backward(own.dense(rows, w, b), t)
        drows, dw, db = own.dense_backward(dz, rows, w)
        dk = np.zeros(k.shape)
        for (windows, maps, pooled), drow in zip(stages, drows, strict=True):
            dpooled = drow.reshape(pooled.shape)
            dmaps = [own.max_pool_backward(dy, one) for dy, one in zip(dpooled, maps, strict=True)]
            dk += windows.T @ np.reshape(dmaps, (KERNELS, 676)).T  # (9, 676) @ (676, 8)
        step()
        return [dk, dw, db]

    def scores(images):
        k, w, b = params
        rows = [feature_maps(k, image / 255 - 0.5)[2].ravel() for image in images]
        return own.dense(np.array(rows), w, b)

    (images, labels), _ = load_mnist()
    x, rng = images[:IMAGES] / 255 - 0.5, np.random.default_rng(0)
    k, w = rng.standard_normal((9, KERNELS)) / 3, rng.standard_normal((1352, 10)) / 100
    params = [k, w, np.zeros(10)]
    for _ in range(EPOCHS):
        order = rng.permutation(IMAGES)
        own.train_epoch(params, gradients, x, labels[:IMAGES], order, RATE, BATCH)
    return Trained(scores, k)


def draw(k):
    """Draw the kernels."""
    from scratchcnn.plots.filters import kernels as picture

    return picture([k.reshape(3, 3, 1, KERNELS)], ["Kernels"])


Milestone(
    name="network",
    yours="your own network reads digits",
    helped="a convolutional network reads digits",
    lesson=6,
    goal=0.8,
    needs=(
        "train_epoch",
        "im2col",
        "max_pool",
        "max_pool_backward",
        "dense",
        "dense_backward",
        "cross_entropy_backward",
    ),
    library="",
    updates=EPOCHS * IMAGES // BATCH,
    train=train,
    draw=draw,
)
