"""Without the folder `fast` everything computes the same numbers, to rounding, and slower.

A process in which `scratchcnn.fast` cannot be imported trains as the course does: batches of one
image, learning rate 0.01. The whole protocol is run where full MNIST is at hand
(SCRATCHCNN_DATA).
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scratchcnn.fast", reason="there is nothing to do without")

TASK = """
import json
import sys

if sys.argv[1] == "without":
    sys.modules["scratchcnn.fast"] = None  # importing it is an ImportError now

import numpy as np

from scratchcnn import Adam, Conv2D, Dense, Dropout, Flatten, MaxPool2D, ReLU, Sequential, SGD
from scratchcnn import load_mnist

kind, full = sys.argv[2], bool(int(sys.argv[3]))
(x, y), (x_val, y_val) = load_mnist(full=full)
if full:
    x, y = x[:1000], y[:1000]
else:
    x, y, x_val, y_val = x[:150], y[:150], x_val[:100], y_val[:100]
x, x_val = x[..., None] / 255 - 0.5, x_val[..., None] / 255 - 0.5
if kind == "protocol":
    layers = [Conv2D(8, 3), MaxPool2D(2), Flatten(), Dense(10)]
    options = {"batch_size": 1, "optimizer": SGD(0.01), "epochs": 5 if full else 2}
else:
    layers = [Conv2D(6, 3), ReLU(), MaxPool2D(2), Dropout(0.3), Conv2D(4, 3, padding="same")]
    layers += [ReLU(), MaxPool2D(2), Flatten(), Dropout(0.5), Dense(10)]
    options = {"batch_size": 64, "optimizer": Adam(0.003), "epochs": 2}
model = Sequential(layers, (28, 28, 1), seed=3)
history = model.fit(x, y, validation_data=(x_val, y_val), verbose=False, **options)
answers = {
    **history.history,
    "evaluated": model.evaluate(x_val, y_val),
    "many": model.predict(x_val).tolist(),
    "few": model.predict(x_val[:3]).tolist(),
    "weights": [weight.tolist() for weight in model.get_weights()],
}
used = sys.modules.get("scratchcnn.fast") is not None
print(json.dumps([used, answers]))
"""


def answers(way, kind, full):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", TASK, way, kind, str(int(full))],
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
    )
    assert done.returncode == 0, done.stderr
    used, numbers = json.loads(done.stdout)
    assert used == (way == "with")
    return numbers


def compare(kind, full):
    ours, theirs = (answers(way, kind, full) for way in ("with", "without"))
    assert ours.keys() == theirs.keys()
    for name in ours.keys() - {"weights"}:
        np.testing.assert_allclose(ours[name], theirs[name], 2e-4, 2e-4, err_msg=name)
    for one, other in zip(ours["weights"], theirs["weights"], strict=True):
        np.testing.assert_allclose(one, other, 2e-3, 2e-3)
    return ours


def test_a_short_protocol_gives_the_same_numbers():
    history = compare("protocol", full=False)
    assert history["loss"][-1] < history["loss"][0]


def test_dropout_in_batches_gives_the_same_numbers():
    compare("dropout", full=False)


@pytest.mark.skipif(
    not os.environ.get("SCRATCHCNN_DATA"), reason="full MNIST is not at hand: set SCRATCHCNN_DATA"
)
def test_the_whole_protocol_gives_the_same_numbers():
    """The first 1,000 training images, 5 epochs, batch 1, learning rate 0.01."""
    history = compare("protocol", full=True)
    assert history["accuracy"][-1] > 0.9
