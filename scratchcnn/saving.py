"""Save a network to a file and load it again, even in the middle of training.

The file is an npz archive: one array for each parameter, the architecture as JSON text, and
optionally the optimizer's state, under names that begin with ``optimizer/``. It is read with
``allow_pickle=False``, so that loading a file can never run code, and a file that describes a
larger network than it has numbers for is rejected.
"""

from __future__ import annotations

import io
import json
import math
import os
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from scratchcnn._utils.files import write_atomic
from scratchcnn._utils.protocols import Network
from scratchcnn._utils.validation import check_flag, check_number, check_shape
from scratchcnn.history import History
from scratchcnn.layers.base import LAYER_CLASSES, Layer, Shape
from scratchcnn.optimizers import Optimizer

VERSION = 2
OPTIMIZER = "optimizer/"
MAX_NUMBERS_IN_IMAGE = 2**25  # in a file from an unknown source


M = TypeVar("M", bound=Network)


def save(model: Network, path: str | os.PathLike[str], optimizer: Optimizer | None = None) -> None:
    """Write a network to ``path`` (npz): architecture, weights, random state and history.

    With ``optimizer``, the optimizer's state is saved too, and training can be resumed from
    the file as if it had never stopped. An existing file is replaced completely or not at all.
    A path may begin with ``~``, the home folder.

    Raises
    ------
    ValueError
        If the file could not be loaded again, for instance because a layer does not store its
        arguments; in that case nothing is written.
    """
    try:
        architecture = {
            "format": "scratchcnn",
            "version": VERSION,
            "input_shape": model.input_shape,
            "seed": model.seed,
            "dtype": str(model.dtype),
            "layers": [describe(layer) for layer in model.layers],
            "trainable": [holder.trainable for _, holder in model.walk()],
            # With it, a loaded model shuffles and drops as the saved one would have.
            "random_state": model.rng.bit_generator.state,
            "history": None if model.history is None else model.history.history,
        }
        arrays = dict(model.weights)
        if optimizer is not None:
            state = optimizer.get_state(model.params)
            arrays |= {f"{OPTIMIZER}{key}": array for key, array in state.items()}
        content = io.BytesIO()
        np.savez(content, allow_pickle=False, architecture=json.dumps(architecture), **arrays)
        _load(type(model), content.getvalue(), None)
    except Exception as error:
        raise ValueError(f"the model cannot be saved: {error}") from None
    write_atomic(Path(path).expanduser(), content.getvalue())


def load(
    make: Callable[..., M], path: str | os.PathLike[str], optimizer: Optimizer | None = None
) -> M:
    """Return the network saved in ``path``, or raise a ValueError that says what is wrong.

    Custom layers, such as those written in a notebook, must be defined first.

    Parameters
    ----------
    make : callable
        `Sequential` or a subclass.
    path : path
        May begin with ``~``, the home folder.
    optimizer : Optimizer, optional
        Create it like the one that the network was saved with; it receives the saved state. (It
        cannot be created from the file, because its learning rate may be your own function.)
    """
    path = Path(path).expanduser()
    content = path.read_bytes()
    try:
        return _load(make, content, optimizer)
    except Exception as error:  # a forged file can fail anywhere
        reason = str(error) or type(error).__name__
        raise ValueError(f"{path} is not a model that scratchcnn can load: {reason}") from None


def describe(layer: Layer) -> dict[str, Any]:
    """Return a layer's class and arguments, including those of inner layers."""
    return {
        "type": type(layer).__name__,
        "module": type(layer).__module__,
        "arguments": {name: _describe(value) for name, value in layer.get_config().items()},
    }


def _describe(value: object) -> object:
    """Put into JSON what it does not know: layers, tuples, NumPy numbers, keys of any kind."""
    if isinstance(value, Layer):
        return describe(value)
    if isinstance(value, tuple):
        return {"tuple": _describe([*value])}
    if isinstance(value, dict):
        return {"dict": _describe([[*item] for item in value.items()])}
    if isinstance(value, list):
        return [_describe(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value


def make_layer(config: dict[str, Any]) -> Layer:
    """Return a new layer from a description made by `describe`."""
    arguments = {name: _make(value) for name, value in config["arguments"].items()}
    return find_class(config["type"], config["module"])(**arguments)


def _make(value: object) -> object:
    match value:
        case list():
            return [_make(item) for item in value]
        case {"tuple": items}:
            return tuple(_make(item) for item in items)
        case {"dict": items}:
            return {_make(key): _make(item) for key, item in items}
        case dict():
            return make_layer(value)
    return value


def find_class(name: str, module: str) -> type[Layer]:
    """Return the layer class called ``name``: the one in ``module``, or else the newest."""
    if _ours(module):
        import_module("scratchcnn.layers")
        import_module("scratchcnn.preprocessing")
    elif (module, name) not in LAYER_CLASSES:
        # It may have moved, for instance from a notebook to a file.
        modules = [
            place
            for place, known in LAYER_CLASSES
            if known == name and not place.startswith("scratchcnn.")
        ]
        if not modules:
            raise ValueError(
                f"it has a layer {name}, which was defined in {module}: define or import it first"
            )
        module = modules[-1]
    return LAYER_CLASSES[module, name]


def _ours(module: str) -> bool:
    return module.startswith("scratchcnn.layers.") or module == "scratchcnn.preprocessing"


def _load(make: Callable[..., M], content: bytes, optimizer: Optimizer | None) -> M:
    import zipfile  # here, to keep `import scratchcnn` fast

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if any(member.compress_type != zipfile.ZIP_STORED for member in archive.infolist()):
            raise ValueError("its arrays are compressed, but save() never compresses")
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        architecture = json.loads(str(arrays["architecture"]))
        if architecture["format"] != "scratchcnn" or architecture["version"] != VERSION:
            raise ValueError(f"its format is not version {VERSION}")
        layers = [make_layer(config) for config in architecture["layers"]]
        input_shape = check_shape(architecture["input_shape"])
        _check_claims(layers, input_shape, len(content))
        options = {"seed": architecture["seed"], "dtype": architecture["dtype"]}
        _check_takes(make, layers, input_shape, **options)
        model = make(layers, input_shape, **options)
        for (_, holder), trainable in zip(model.walk(), architecture["trainable"], strict=True):
            holder._trainable = check_flag(trainable, "trainable")
        model.set_weights([arrays[key] for key in model.weights])
        variances = (a for name, a in model.weights.items() if name.endswith("moving_variance"))
        if any((array < 0).any() for array in variances):
            raise ValueError("it holds a variance below 0")
        model.rng.bit_generator.state = architecture["random_state"]
        model.history = _read_history(architecture.get("history"))
        if optimizer is not None:
            kept = [key for key in arrays.files if key.startswith(OPTIMIZER)]
            if not kept:
                raise ValueError("it was saved without its optimizer")
            state = {key.removeprefix(OPTIMIZER): arrays[key] for key in kept}
            optimizer.set_state(model.params, state)
    return model


def _check_takes(make: Any, *arguments: object, **options: object) -> None:
    """Raise a ValueError if a subclass of Sequential has an __init__ of its own kind."""
    import inspect  # here, to keep `import scratchcnn` fast

    try:
        inspect.signature(make.__init__).bind(None, *arguments, **options)
    except TypeError:
        raise ValueError(
            f"{make.__name__}.__init__ must take what Sequential takes (layers, input_shape, "
            "seed, dtype), because loading passes these. Keep Sequential's __init__, and write a "
            "function that makes the layers and returns the network"
        ) from None


def _read_history(saved: dict[str, list[float]] | None) -> History | None:
    """Return the `History` stored in a file: for each name, one finite number per epoch."""
    if saved is None:
        return None
    history = History()
    for epoch in zip(*saved.values(), strict=True):
        numbers = (check_number(value, "history") for value in epoch)
        history.append(**dict(zip(saved, numbers, strict=True)))
    return history


def _check_claims(layers: Sequence[Layer], shape: Shape, file_bytes: int) -> None:
    """Raise a ValueError if the layers have more parameters than the file has room for."""
    if math.prod(shape) > MAX_NUMBERS_IN_IMAGE:
        raise ValueError(f"it claims images of {shape}")
    claimed = _count_claims(layers, shape)
    if 4 * claimed > file_bytes:
        raise ValueError(f"it claims {claimed:,} parameters but is only {file_bytes:,} bytes long")


def _count_claims(layers: Sequence[Layer], shape: Shape) -> int:
    """Return how many parameters a sequence of layers would have, inner layers included."""
    claimed = 0
    for layer in layers:
        output_shape = layer.compute_output_shape(shape)  # refuses shapes that do not fit
        claimed += sum(map(math.prod, layer.param_shapes(shape).values()))
        claimed += _count_claims(layer.sublayers, shape)
        if layer.sublayers and output_shape != shape:
            claimed += shape[-1] * output_shape[-1]  # the kernel of a shortcut
        shape = output_shape
    return claimed
