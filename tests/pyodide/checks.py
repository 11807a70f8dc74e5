"""What a browser's Python has to do as well as this one; the same script runs in both.

Every check returns what `test_pyodide.py` compares. The script needs nothing but NumPy, and
imports the library only inside the checks, so that the first one can time it.

    python checks.py SHARED EXTRA [NAME ...]
"""

import asyncio
import contextlib
import importlib.util
import io
import json
import signal
import sys
import threading
import time
import traceback
import warnings
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


def check_import():
    """Import the library, and every public name that needs nothing but NumPy."""
    begin = time.perf_counter()
    import scratchcnn
    from scratchcnn import Sequential  # noqa: F401

    seconds = time.perf_counter() - begin
    for name in scratchcnn.__all__:
        if name not in ("plots", "widgets"):
            getattr(scratchcnn, name)
    return {"seconds": seconds}


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


def check_door():
    """Ask for the fast executor: a browser has it as well."""
    from scratchcnn.training import executor

    x, y = digits(100)
    with executor(course_network(), x, y) as learning, executor(course_network(), x) as answering:
        return {"executors": [type(learning).__name__, type(answering).__name__]}


def check_threads():
    """Ask for two threads, as if BLAS could be kept to one core; a browser has none."""
    from scratchcnn.fast import workers

    try:
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()
        can_start = True
    except RuntimeError:
        can_start = False
    before = workers.cores, workers.products_on_one_core
    workers.cores = lambda: 2
    workers.products_on_one_core = lambda: contextlib.nullcontext(True)
    try:
        return {"can_start": can_start, **train(dropout_network(), 133, 128)}
    finally:
        workers.cores, workers.products_on_one_core = before


def check_with_extras(folder):
    """Train aloud once more, now with tqdm and threadpoolctl in a browser too."""
    from scratchcnn.fast import workers

    sys.path.append(folder)
    workers.blas.cache_clear()
    found = [name for name in ("tqdm", "threadpoolctl") if importlib.util.find_spec(name)]
    return {"found": found, **aloud()}


def aloud():
    """Train with a progress bar and lines; return the lines."""
    shown, bar = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(bar):
        course_network().fit(*digits(150), epochs=2, batch_size=70)
    return {"lines": shown.getvalue().splitlines(), "bar": bar.getvalue()[:2000]}


def check_interrupt():
    """Send an interrupt in the third update: that one is finished, and no other begins."""
    model, steps = course_network(), []

    def interrupt(end):
        steps.append(end.step)
        if end.step == 3:
            signal.raise_signal(signal.SIGINT)

    handler = signal.getsignal(signal.SIGINT)
    try:
        model.fit(*digits(20), batch_size=2, verbose=False, callbacks=[interrupt])
        raised = False
    except KeyboardInterrupt:
        raised = True
    return {
        "raised": raised,
        "steps": steps,
        "restored": signal.getsignal(signal.SIGINT) is handler,
        "predictions": model.predict(digits(2)[0]).tolist(),
    }


async def check_training_in_a_task():
    """Train step by step in a task; another one, which runs meanwhile, stops it."""
    from scratchcnn import SGD, Training

    model, losses, ticks = course_network(), [], []
    training = Training(model, *digits(400), 3, 4, SGD(0.01))

    async def learn():
        for end in training:
            losses.append(end.loss)
            await asyncio.sleep(0)

    async def watch():
        while len(losses) < 25:
            ticks.append(len(losses))
            await asyncio.sleep(0)
        model.stop_training = True

    await asyncio.gather(learn(), watch())
    steps = len(losses)
    again = model.fit(*digits(8), batch_size=4, verbose=False)
    return {
        "losses": losses,
        "stopped_soon": 25 <= steps <= 27 < len(training),
        "watched": len(ticks) >= 20,
        "history": training.history.history,
        "finite": all(bool(np.isfinite(weight).all()) for weight in model.get_weights()),
        "again": again.history,
    }


def check_speed():
    """Time 1,000 updates at batch 1; the seconds are reported, not tested."""
    from scratchcnn import SGD

    (x, y), model = digits(1000), course_network()
    begin = time.perf_counter()
    model.fit(x, y, batch_size=1, optimizer=SGD(0.01), verbose=False)
    return {"seconds": time.perf_counter() - begin, "loss": model.history.history["loss"][0]}


def all_checks(shared, extra):
    """Return every check by name; the extras come last, because they stay."""
    checks = {"import": check_import, "mnist": check_mnist}
    for name in NETWORKS:
        for size in BATCH_SIZES:
            checks[f"fit-{name}-{size}"] = lambda name=name, size=size: check_fit(name, size)
    checks |= {
        "float64": check_adam_in_float64,
        "predict": check_predict,
        "saving": lambda: check_saving(shared),
        "gradients": check_gradients_of_all,
        "loops": check_loops,
        "door": check_door,
        "threads": check_threads,
        "lines": aloud,
        "interrupt": check_interrupt,
        "task": check_training_in_a_task,
        "speed": check_speed,
    }
    if theirs(shared).exists():
        checks["other-file"] = lambda: check_other_file(shared)
    return checks | {"extras": lambda: check_with_extras(extra)}


async def results(shared, extra, *names):
    """Return the results of all checks, or of those named, as JSON.

    The error of one check does not end the others.
    """
    found = {}
    for name, check in all_checks(shared, extra).items():
        if names and name not in names:
            continue
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            try:
                result = check()
                found[name] = await result if asyncio.iscoroutine(result) else result
            except BaseException:  # also an interrupt that went astray
                found[name] = {"error": traceback.format_exc()}
        found[name]["warnings"] = [str(warning.message) for warning in warned]
    return json.dumps(found)


if __name__ == "__main__":
    print(asyncio.run(results(*sys.argv[1:])))
