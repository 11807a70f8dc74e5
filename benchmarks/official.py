"""Train on all 60,000 images of MNIST, or of Fashion-MNIST.

    python benchmarks/official.py mnist [--epochs 15] [--seed 0] [--fresh]
    python benchmarks/official.py fashion [--epochs 25] [--seed 0] [--fresh]

After each epoch, everything is saved to one file in build/: weights, optimizer, random state and
history. Ctrl-C or a power cut loses only the current epoch: run it again, and it continues from
there to the same numbers, bit for bit. ``--fresh`` starts over.

The test images are not used for training. The accuracy on them is printed after each epoch; the
last one is the result.
"""

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scratchcnn import (
    Adam,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPool2D,
    ReLU,
    Sequential,
    ShiftedBatches,
    load_fashion_mnist,
    load_mnist,
)
from scratchcnn._utils.progress import progress_bar
from scratchcnn.history import History
from scratchcnn.schedules import cosine_decay

FOLDER = Path(__file__).parent.parent / "build"
BATCH_SIZE = 64

Pair = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Run:
    """What is different for each set of images.

    A mirrored garment is still the same garment. A mirrored 2 is no digit.
    """

    load: Callable[..., tuple[Pair, Pair]]
    epochs: int
    filters: tuple[int, ...]  # of each convolution
    batch_norm: bool
    dropout: float
    learning_rate: float  # at the start
    shift: int  # pixels
    mirror: bool


RUNS = {
    "mnist": Run(
        load_mnist,
        epochs=15,
        filters=(32, 64),
        batch_norm=False,
        dropout=0.4,
        learning_rate=0.001,
        shift=2,
        mirror=False,
    ),
    "fashion": Run(
        load_fashion_mnist,
        epochs=25,
        filters=(32, 64, 128),
        batch_norm=True,
        dropout=0.3,
        learning_rate=0.002,
        shift=1,
        mirror=True,
    ),
}


def main() -> None:
    """Train from the beginning, or continue from the last checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", choices=list(RUNS), help="which 60,000 images")
    parser.add_argument("--epochs", type=int, help="how often every image is seen")
    parser.add_argument("--seed", type=int, default=0, help="seed for weights, order and shifts")
    parser.add_argument("--fresh", action="store_true", help="start over and ignore the checkpoint")
    arguments = parser.parse_args()
    run = RUNS[arguments.data]
    epochs = arguments.epochs or run.epochs

    # The learning rate depends on the number of epochs, so each number has its own checkpoint.
    checkpoint = FOLDER / f"{arguments.data}_seed{arguments.seed}_{epochs}epochs.npz"
    if arguments.fresh:
        checkpoint.unlink(missing_ok=True)
    print(machine())
    training, test = map(scaled, run.load(full=True))
    try:
        history = train(run, training, test, checkpoint, epochs, arguments.seed).history
    except KeyboardInterrupt:
        sys.exit("\nStopped. Run it again to continue from the end of the last epoch above.")
    print(
        f"{history['test_accuracy'][-1]:.2%} of the {len(test[0]):,} test images are "
        f"classified correctly, after {sum(history['seconds']) / 60:.1f} minutes"
    )


def train(run: Run, training: Pair, test: Pair, path: Path, epochs: int, seed: int = 0) -> History:
    """Train until ``epochs`` are done, from the checkpoint in ``path`` if there is one.

    Parameters
    ----------
    run : Run
        The network, and how the images are changed at random in every epoch.
    training, test : (x, y)
        Scaled images (N, 28, 28, 1) and their labels.
    path : Path
        The checkpoint, written after each epoch.
    epochs, seed : int
        As on the command line. The learning rate falls along a cosine over all epochs.

    Returns
    -------
    History
        All epochs, including those before the training was resumed.
    """
    updates_an_epoch = -(-len(training[0]) // BATCH_SIZE)
    optimizer = Adam(cosine_decay(run.learning_rate, epochs * updates_an_epoch))
    if path.exists():
        model = Sequential.load(path, optimizer)
        print(f"{path.name}: continuing after epoch {len(model.history)} (--fresh starts over)")
    else:
        model = new_network(run, seed)
        print(model.summary())
    history = model.history or History()
    # The model's own generator draws order, shifts and mirrors, because it is saved with the model.
    batches = ShiftedBatches(*training, BATCH_SIZE, run.shift, model.rng, run.mirror)
    for epoch in range(len(history) + 1, epochs + 1):
        start = time.perf_counter()
        with progress_bar(len(batches), visible=True, unit="batch") as bar:
            bar.set_description(f"epoch {epoch}/{epochs}")
            options = {"verbose": False, "callbacks": [lambda end, bar=bar: bar.update()]}
            record = model.fit(batches, optimizer=optimizer, **options).history
        test_loss, test_accuracy = model.evaluate(*test)
        history.append(
            loss=record["loss"][0],
            accuracy=record["accuracy"][0],
            test_loss=test_loss,
            test_accuracy=test_accuracy,
            seconds=time.perf_counter() - start,
        )
        model.history = history
        model.save(path, optimizer)
        print(last_line(history, epochs), flush=True)
    return history


def new_network(run: Run, seed: int) -> Sequential:
    """Return the Keras simple convnet with one more dense layer, newly initialized.

    Batch norm comes after pooling, where the maps are smaller, so it takes a quarter of the time.
    """

    def normalization() -> list[Layer]:
        return [BatchNorm()] if run.batch_norm else []

    layers: list[Layer] = []
    for filters in run.filters:
        layers += [Conv2D(filters, 3, padding="same"), ReLU(), MaxPool2D(2), *normalization()]
    layers += [Flatten(), Dropout(run.dropout), Dense(128), ReLU(), *normalization()]
    layers += [Dropout(run.dropout), Dense(10)]
    return Sequential(layers, (28, 28, 1), seed)


def scaled(pair: Pair) -> Pair:
    """(N, 28, 28) from 0 to 255 -> (N, 28, 28, 1) from -0.5 to 0.5; labels unchanged."""
    pixels, labels = pair
    return pixels[..., None] / np.float32(255) - np.float32(0.5), labels


def last_line(history: History, epochs: int) -> str:
    """Return the last epoch as one line."""
    last = {name: values[-1] for name, values in history.history.items()}
    return (
        f"epoch {len(history):>2}/{epochs}  {last['seconds']:5.1f} s  loss {last['loss']:.4f}  "
        f"test loss {last['test_loss']:.4f}  test accuracy {last['test_accuracy']:.2%}"
    )


def machine() -> str:
    """Describe this machine in a few words."""
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next(line.split(": ")[1] for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass  # not Linux
    return f"{name}, {os.cpu_count()} cores, NumPy {np.__version__}"


if __name__ == "__main__":
    main()
