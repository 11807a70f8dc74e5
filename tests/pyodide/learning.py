"""What is computed: networks, their training, answers and files; the same in both Pythons."""

import sys
from pathlib import Path

import numpy as np

BROWSER = sys.platform == "emscripten"
BATCH_SIZES = (1, 32, 128)
WHOLE_BATCHES = 2  # of each size, and then one that is smaller
SHAPE = (28, 28, 1)


def course_network():
    """The network that the course builds."""
    from scratchcnn import Conv2D, Dense, Flatten, MaxPool2D, Sequential

    layers = [Conv2D(8, 3, use_bias=False), MaxPool2D(2), Flatten(), Dense(10)]
    return Sequential(layers, SHAPE)


def dropout_network():
    """A network with Dropout, whose masks have to be the same."""
    from scratchcnn import Conv2D, Dense, Dropout, Flatten, MaxPool2D, ReLU, Sequential

    block = [Conv2D(8, 3), ReLU(), MaxPool2D(2), Dropout(0.25)]
    return Sequential([*block, Conv2D(8, 3), ReLU(), Flatten(), Dropout(0.5), Dense(10)], SHAPE, 1)


def residual_network():
    """A network that is trained on whole batches, with a convolution in its shortcut."""
    from scratchcnn import BatchNorm, Conv2D, Dense, GlobalAvgPool2D, ReLU, Residual, Sequential

    inside = [Conv2D(8, 3, padding="same", strides=2), BatchNorm(), ReLU()]
    layers = [Conv2D(4, 3, strides=2), Residual(inside), GlobalAvgPool2D(), Dense(10)]
    return Sequential(layers, SHAPE, 2)


NETWORKS = {"course": course_network, "dropout": dropout_network, "residual": residual_network}


def digits(count):
    """The first images of the sample, scaled, and their labels."""
    from scratchcnn import load_mnist

    (x, y), _ = load_mnist()
    return x[:count, :, :, None] / np.float32(255) - np.float32(0.5), y[:count]


def train(model, images=0, batch_size=32, optimizer=None, epochs=1, batches=None):
    """Return the loss of every update, and what the history says of each epoch."""
    losses, data = [], (batches,) if batches is not None else digits(images)
    model.fit(
        *data,
        epochs=epochs,
        batch_size=batch_size,
        optimizer=optimizer,
        validation_data=digits(20),
        verbose=False,
        callbacks=[lambda end: losses.append(end.loss)],
    )
    return {"losses": losses, **model.history.history}


def check_fit(name, batch_size):
    """Train over whole batches and a smaller one."""
    from scratchcnn import SGD

    images = 40 if batch_size == 1 else WHOLE_BATCHES * batch_size + 5
    return train(NETWORKS[name](), images, batch_size, SGD(0.01, momentum=0.9))


def check_adam_in_float64():
    """Train in float64 with Adam; the images are shifted."""
    from scratchcnn import Adam, Conv2D, Dense, Flatten, MaxPool2D, Sequential, ShiftedBatches

    layers = [Conv2D(4, 3), MaxPool2D(2), Flatten(), Dense(10)]
    model = Sequential(layers, SHAPE, dtype="float64")
    batches = ShiftedBatches(*digits(100), 32)
    return train(model, batches=batches, optimizer=Adam(0.01), epochs=2)


def check_predict():
    """Answer for few images, layer by layer, and for many, which `fast` may do."""
    model = course_network()
    train(model, 60, 1)
    x, y = digits(500)
    few, many = model.predict(x[:10]), model.predict(x)
    loss, accuracy = model.evaluate(x, y)
    return {
        "few": few.tolist(),
        "many": many.tolist(),
        "same": bool(np.allclose(few, many[:10], atol=1e-5)),
        "loss": loss,
        "accuracy": accuracy,
    }


def check_saving(folder):
    """Save in the middle of training, in memory and on the disk, load, and go on."""
    from scratchcnn import SGD, load_model

    model, optimizer = dropout_network(), SGD(0.01, momentum=0.9)
    train(model, 64, 32, optimizer)
    other = SGD(0.01, momentum=0.9)
    for path in (Path("/tmp/model.npz") if BROWSER else Path(folder) / "own.npz", mine(folder)):
        model.save(path, optimizer)
        model.save(path, optimizer)  # in the place of the one that is there
        loaded = load_model(path, other)
        unfinished = [each.name for each in path.parent.iterdir() if each.name.endswith(".part")]
    here, there = train(model, 64, 32, optimizer), train(loaded, 64, 32, other)
    return {"equal": here == there, "unfinished": unfinished, **there}


def check_other_file(folder):
    """Go on with the training that the other Python has saved."""
    from scratchcnn import SGD, load_model

    optimizer = SGD(0.01, momentum=0.9)
    return train(load_model(theirs(folder), optimizer), 64, 32, optimizer)


def mine(folder):
    """Where this Python saves for the other."""
    return Path(folder) / f"{'browser' if BROWSER else 'here'}.npz"


def theirs(folder):
    """What the other Python has saved."""
    return Path(folder) / f"{'here' if BROWSER else 'browser'}.npz"


def check_mnist():
    """Load the digits, and do with the labels what lessons do with them."""
    from scratchcnn import load_mnist

    (x, y), (x_test, y_test) = load_mnist()
    return {
        "shapes": [x.shape, y.shape, x_test.shape, y_test.shape],
        "pixels": [int(x.sum(dtype=np.int64)), int(x_test.sum(dtype=np.int64))],
        "counts": [np.bincount(y, minlength=10).tolist(), np.bincount(y_test).tolist()],
        "one_hot": np.eye(10)[y[:5]].tolist(),
    }


def check_gradients_of_all():
    """Hold the gradients of two networks to central differences."""
    from scratchcnn import (
        BatchNorm,
        Conv2D,
        Dense,
        Flatten,
        MaxPool2D,
        ReLU,
        Residual,
        Sequential,
        check_gradients,
    )

    rng = np.random.default_rng(3)
    x, labels = rng.standard_normal((3, 8, 8, 1)), rng.integers(3, size=3)
    plain = [Conv2D(2, 3), ReLU(), MaxPool2D(2), Flatten(), Dense(3)]
    deep = [Residual([Conv2D(2, 3, padding="same"), BatchNorm()]), ReLU(), Flatten(), Dense(3)]
    errors = {}
    for layers in (plain, deep):
        model = Sequential(layers, (8, 8, 1), dtype="float64")
        errors |= check_gradients(model, x, labels, samples=20)
    return {"names": sorted(errors), "largest": max(errors.values())}


def check_loops():
    """Compute in plain loops what a layer computes."""
    from scratchcnn import Conv2D
    from scratchcnn.reference.loops import conv2d_forward

    rng = np.random.default_rng(4)
    layer = Conv2D(2, 3)
    layer.build((6, 6, 2), rng, "float64")
    x = rng.standard_normal((2, 6, 6, 2))
    return {"equal": bool(np.allclose(layer(x), conv2d_forward(x, layer.params["kernel"])))}
