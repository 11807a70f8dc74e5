"""Save a network to a file and load it again.

The file is an npz archive: one array a parameter, and the architecture as JSON text. It
is read with ``allow_pickle=False``, so that loading a file can never run code.
"""

import inspect
import json
import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scratchcnn.activations import Dropout, ReLU
from scratchcnn.convolution import Conv2D
from scratchcnn.dense import Dense, Flatten
from scratchcnn.layer import Layer
from scratchcnn.pooling import AvgPool2D, MaxPool2D

if TYPE_CHECKING:
    from scratchcnn.network import Sequential

VERSION = 1
LAYERS = {c.__name__: c for c in (Conv2D, MaxPool2D, AvgPool2D, ReLU, Dropout, Flatten, Dense)}


def save_model(model: "Sequential", path: str | os.PathLike) -> None:
    """Write architecture and weights to ``path`` (npz); a file in its place is replaced whole."""
    architecture = {
        "format": "scratchcnn",
        "version": VERSION,
        "input_shape": model.input_shape,
        "dtype": str(model.dtype),
        "layers": [layer_config(layer) for layer in model.layers],
        # With it, a loaded model shuffles and drops on as the saved one would have.
        "random_state": model.rng.bit_generator.state,
    }
    path = Path(path)
    unfinished = path.with_name(path.name + ".part")
    with open(unfinished, "wb") as file:
        np.savez(file, architecture=np.array(json.dumps(architecture)), **model.params)
    os.replace(unfinished, path)


def load_model(cls: type["Sequential"], path: str | os.PathLike) -> "Sequential":
    """Return the network saved in ``path``, or raise a ValueError that says what is wrong."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            architecture = json.loads(str(archive["architecture"]))
            if architecture["format"] != "scratchcnn" or architecture["version"] != VERSION:
                raise ValueError("another format or version")
            layers = [
                LAYERS[config["type"]](**config["arguments"]) for config in architecture["layers"]
            ]
            model = cls(layers, architecture["input_shape"], dtype=architecture["dtype"])
            model.set_weights([archive[key] for key in model.params])
            model.rng.bit_generator.state = architecture["random_state"]
    except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"{path} is no model saved by this version of scratchcnn: {error}"
        ) from None
    return model


def layer_config(layer: Layer) -> dict:
    """Return the layer's type and arguments; every argument is kept under its own name."""
    names = inspect.signature(type(layer)).parameters
    return {
        "type": type(layer).__name__,
        "arguments": {name: getattr(layer, name) for name in names},
    }
