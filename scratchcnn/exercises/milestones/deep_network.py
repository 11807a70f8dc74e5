"""Milestone: 97%, with a deep network that learns by the student's functions (workbook 09).

Convolution and pooling are the library's: the student's take one image at a time, which is too slow
for two convolutions and 4,000 images. All else that learns is the student's: the activations,
dropout, the dense layer, the gradient of the loss, and the updates.
"""

import numpy as np

from scratchcnn.batches import shift_images
from scratchcnn.data.mnist import load_mnist
from scratchcnn.exercises.milestone_declaration import Milestone, Trained
from scratchcnn.layers.base import Layer
from scratchcnn.layers.convolution import Conv2D
from scratchcnn.layers.dense import Flatten
from scratchcnn.layers.pooling import MaxPool2D
from scratchcnn.network import Sequential
from scratchcnn.schedules import cosine_decay

IMAGES, BATCH, EPOCHS, RATE, DROPPED = 4000, 32, 12, 0.003, 0.5
BATCHES = IMAGES // BATCH


class OwnReLU(Layer):
    """ReLU by the student's functions."""

    def __init__(self, own):
        super().__init__()
        self.own = own

    def forward(self, x, training=False):
        """Return relu(x)."""
        self.x = x
        return self.own.relu(x).astype(x.dtype)

    def backward(self, dy):
        """Return the gradient of the input."""
        return self.own.relu_backward(dy, self.x).astype(dy.dtype)


class OwnDropout(Layer):
    """Dropout by the student's function."""

    def __init__(self, own):
        super().__init__()
        self.own = own

    def forward(self, x, training=False):
        """Drop half of the numbers while training."""
        if not training:
            return x
        y, kept = self.own.dropout(x, DROPPED, self.rng)
        self.kept = kept != 0
        return y.astype(x.dtype)

    def backward(self, dy):
        """Pass back the gradients of the numbers that were kept, scaled up like these."""
        return (dy * self.kept / (1 - DROPPED)).astype(dy.dtype)


class OwnDense(Layer):
    """A dense layer with ten outputs, by the student's functions."""

    def __init__(self, own):
        super().__init__()
        self.own = own

    def compute_output_shape(self, input_shape):
        """Return ten scores."""
        return (10,)

    def param_shapes(self, input_shape):
        """Return the shapes of the weights and the biases."""
        return {"kernel": (input_shape[0], 10), "bias": (10,)}

    def forward(self, x, training=False):
        """Return the scores."""
        self.x = x
        return self.own.dense(x, self.params["kernel"], self.params["bias"])

    def backward(self, dy):
        """Fill the gradients, and return that of the input."""
        dx, dw, db = self.own.dense_backward(dy, self.x, self.params["kernel"])
        self.grads["kernel"], self.grads["bias"] = dw, db
        return dx.astype(self.x.dtype)


def with_channel(images):
    """Turn images (N, 28, 28), 0 to 255, into (N, 28, 28, 1) between -0.5 and 0.5."""
    return (images[..., None] / 255 - 0.5).astype(np.float32)


def network(own):
    """Return the convnet of lesson 09 with half as many kernels."""
    layers = [
        Conv2D(16, 3, kernel_initializer="he_normal"),
        OwnReLU(own),
        MaxPool2D(2),
        Conv2D(32, 3, kernel_initializer="he_normal"),
        OwnReLU(own),
        MaxPool2D(2),
        Flatten(),
        OwnDropout(own),
        OwnDense(own),
    ]
    return Sequential(layers, input_shape=(28, 28, 1), seed=0)


def train(own, step):
    """Train with shifted images and a rate that falls to zero."""
    (images, labels), _ = load_mnist()
    x, model, rng = with_channel(images[:IMAGES]), network(own), np.random.default_rng(0)
    params = [param for layer in model.layers for param in layer.params.values()]
    m, v = ([np.zeros_like(param) for param in params] for _ in range(2))
    rate = cosine_decay(RATE, EPOCHS * BATCHES)
    orders = [rng.permutation(IMAGES).reshape(BATCHES, BATCH) for _ in range(EPOCHS)]
    for number, batch in enumerate(np.concatenate(orders)):
        down, right = rng.integers(-1, 2, (2, BATCH))
        z = model.forward(shift_images(x[batch], down, right), training=True)
        dz = own.cross_entropy_backward(z, labels[batch])
        model.backward(dz.astype(np.float32))
        grads = [layer.grads[key] for layer in model.layers for key in layer.params]
        own.adam_step(params, grads, m, v, number + 1, rate(number))
        step()
    return Trained(lambda images: model.forward(with_channel(images)), params[0])


def draw(kernels):
    """Draw the kernels of the first layer."""
    from scratchcnn.plots.arrays import images

    titles = [f"kernel {number}" for number in range(16)]
    return images(kernels[:, :, 0].transpose(2, 0, 1), titles, signed=True)


Milestone(
    name="deep network",
    yours="your own functions train a deep network to 97%",
    helped="a deep network reads 97%",
    lesson=9,
    goal=0.97,
    needs=(
        "relu",
        "relu_backward",
        "dropout",
        "adam_step",
        "dense",
        "dense_backward",
        "cross_entropy_backward",
    ),
    library="Conv2D, MaxPool2D, Flatten, the shifts and the falling rate",
    updates=EPOCHS * BATCHES,
    train=train,
    draw=draw,
)
