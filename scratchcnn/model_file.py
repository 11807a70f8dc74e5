"""Save a network to a file and load it again.

The file is an npz archive: one array a parameter, and the architecture as JSON text. It is
read with ``allow_pickle=False``, so that loading a file can never run code, and it may not
claim a larger network than it holds numbers for.
"""

import inspect
import io
import json
import math
import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scratchcnn.activations import Dropout, ReLU
from scratchcnn.convolution import Conv2D, window_counts
from scratchcnn.dense import Dense, Flatten
from scratchcnn.layer import Layer
from scratchcnn.pooling import AvgPool2D, MaxPool2D
from scratchcnn.validation import check_shape

if TYPE_CHECKING:
    from scratchcnn.network import Sequential

VERSION = 1
LAYERS = {c.__name__: c for c in (Conv2D, MaxPool2D, AvgPool2D, ReLU, Dropout, Flatten, Dense)}

# More window pixels than any network of this library's kind has: about 200 MB of tables.
MOST_WINDOW_PIXELS = 25_000_000


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
    content = Path(path).read_bytes()
    try:
        return _load(cls, content)
    except Exception as error:  # a forged file can fail in any place
        reason = str(error) or type(error).__name__
        raise ValueError(f"{path} is no model that scratchcnn can load: {reason}") from None


def layer_config(layer: Layer) -> dict:
    """Return the layer's type and arguments; every argument is kept under its own name."""
    if LAYERS.get(type(layer).__name__) is not type(layer):
        raise TypeError(
            f"{type(layer).__name__} cannot be saved: add it to LAYERS in model_file.py"
        )
    names = inspect.signature(type(layer)).parameters
    return {
        "type": type(layer).__name__,
        "arguments": {name: getattr(layer, name) for name in names},
    }


def _load(cls: type["Sequential"], content: bytes) -> "Sequential":
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if any(member.compress_type != zipfile.ZIP_STORED for member in archive.infolist()):
            raise ValueError("its arrays are compressed, which save() never does")
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        architecture = json.loads(str(archive["architecture"]))
        if architecture["format"] != "scratchcnn" or architecture["version"] != VERSION:
            raise ValueError(f"its format is not version {VERSION}")
        layers = [
            LAYERS[config["type"]](**config["arguments"]) for config in architecture["layers"]
        ]
        input_shape = check_shape(architecture["input_shape"])
        _check_claims(layers, input_shape, len(content))
        model = cls(layers, input_shape, dtype=architecture["dtype"])
        model.set_weights([archive[key] for key in model.params])
        model.rng.bit_generator.state = architecture["random_state"]
    return model


def _check_claims(layers: list[Layer], shape: tuple[int, ...], file_bytes: int) -> None:
    """Raise a ValueError if the layers would need more memory than an honest file's."""
    parameters = window_pixels = 0
    for layer in layers:
        match layer:
            case Conv2D():
                size = window_counts(
                    shape[:2], layer.kernel_size, layer.strides, layer.padding, "Conv2D"
                )
                kernel_pixels = math.prod(layer.kernel_size)
                parameters += kernel_pixels * shape[2] * layer.filters
                window_pixels += math.prod(size) * kernel_pixels
                shape = (*size, layer.filters)
            case MaxPool2D() | AvgPool2D():
                size = window_counts(
                    shape[:2], layer.pool_size, layer.strides, layer.padding, "pooling"
                )
                shape = (*size, shape[2])
            case Flatten():
                shape = (math.prod(shape),)
            case Dense():
                parameters += shape[0] * layer.units
                shape = (layer.units,)
    if 4 * parameters > file_bytes or window_pixels > MOST_WINDOW_PIXELS:
        raise ValueError(
            f"it claims {parameters:,} parameters and {window_pixels:,} window pixels, and "
            f"is {file_bytes:,} bytes long"
        )
