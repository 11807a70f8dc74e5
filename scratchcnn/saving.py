"""Save a network to a file and load it again, also in the middle of its training.

The file is an npz archive: one array a parameter, and the architecture as JSON text; on
request also what the optimizer remembers, under names that begin with ``optimizer/``. It is
read with ``allow_pickle=False``, so that loading a file can never run code, and it may not
claim a larger network than it holds numbers for.
"""

import inspect
import io
import json
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scratchcnn._utils.files import write_atomic
from scratchcnn._utils.validation import check_number, check_shape
from scratchcnn.history import History
from scratchcnn.layers.activations import Dropout, ReLU
from scratchcnn.layers.base import Layer
from scratchcnn.layers.convolution import Conv2D, window_counts
from scratchcnn.layers.dense import Dense, Flatten
from scratchcnn.layers.pooling import AvgPool2D, MaxPool2D
from scratchcnn.optimizers import Optimizer

if TYPE_CHECKING:
    from scratchcnn.network import Sequential

VERSION = 1
OPTIMIZER = "optimizer/"
LAYERS = {c.__name__: c for c in (Conv2D, MaxPool2D, AvgPool2D, ReLU, Dropout, Flatten, Dense)}

# More window pixels than any network of this library's kind has: about 200 MB of tables.
MOST_WINDOW_PIXELS = 25_000_000


def save_model(
    model: "Sequential", path: str | os.PathLike, optimizer: Optimizer | None = None
) -> None:
    """Write the network to ``path`` (npz): architecture, weights, random state and history.

    With ``optimizer``, what it remembers is written too, and training can be resumed from
    the file as if it had never stopped. A file in its place is replaced whole or not at all.
    """
    architecture = {
        "format": "scratchcnn",
        "version": VERSION,
        "input_shape": model.input_shape,
        "dtype": str(model.dtype),
        "layers": [layer_config(layer) for layer in model.layers],
        # With it, a loaded model shuffles and drops on as the saved one would have.
        "random_state": model.rng.bit_generator.state,
        "history": None if model.history is None else model.history.history,
    }
    arrays = dict(model.params)
    if optimizer is not None:
        state = optimizer.get_state(model.params)
        arrays |= {f"{OPTIMIZER}{key}": array for key, array in state.items()}
    content = io.BytesIO()
    np.savez(content, architecture=np.array(json.dumps(architecture)), **arrays)
    try:  # what could not be loaded again is not written in the place of what could
        _load(type(model), content.getvalue(), None)
    except Exception as error:
        raise ValueError(f"the model cannot be saved: {error}") from None
    write_atomic(Path(path), content.getbuffer())


def load_model(
    cls: type["Sequential"], path: str | os.PathLike, optimizer: Optimizer | None = None
) -> "Sequential":
    """Return the network saved in ``path``, or raise a ValueError that says what is wrong.

    An ``optimizer``, made like the one it was saved with, takes up what that remembered. (It
    is not made from the file, because its learning rate may be a function of your own.)
    """
    content = Path(path).read_bytes()
    try:
        return _load(cls, content, optimizer)
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


def _load(cls: type["Sequential"], content: bytes, optimizer: Optimizer | None) -> "Sequential":
    import zipfile  # here, to keep the import of the package short

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
        model.history = _read_history(architecture.get("history"))
        if optimizer is not None:
            kept = [key for key in archive.files if key.startswith(OPTIMIZER)]
            if not kept:
                raise ValueError("it was saved without its optimizer")
            optimizer.set_state(
                model.params, {key.removeprefix(OPTIMIZER): archive[key] for key in kept}
            )
    return model


def _read_history(saved: dict | None) -> History | None:
    """Return the `History` kept in a file: by name, a finite number for each epoch."""
    if saved is None:
        return None
    history = History()
    for epoch in zip(*saved.values(), strict=True):
        numbers = (check_number(value, "history") for value in epoch)
        history.append(**dict(zip(saved, numbers, strict=True)))
    return history


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
