"""Import Keras, or say what is missing; iterate over the layers of its models."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

BACKENDS = ("jax", "torch", "tensorflow")


def import_keras() -> Any:
    """Return the module ``keras``.

    Raises
    ------
    ImportError
        If Keras or its backend is missing. The message says what to do, and that works without
        restarting Python.
    """
    try:
        return importlib.import_module("keras")
    except ModuleNotFoundError as error:
        missing = str(error.name).partition(".")[0]
        if missing not in ("keras", *BACKENDS):
            raise
        # What is half imported has settled on that backend; the next try must begin again.
        for name in [name for name in sys.modules if name.partition(".")[0] == "keras"]:
            del sys.modules[name]
        raise ImportError(_advice(missing)) from None


def _advice(missing: str) -> str:
    install = 'install both with pip install "scratchcnn[keras]"'
    if missing == "keras":
        return f"Keras, or its backend JAX, is not installed: {install}"
    present = [name for name in BACKENDS if name != missing and find_spec(name)]
    if not present:
        return f"Keras is set to use {missing}, which is not installed: {install}"
    return (
        f"Keras is set to use {missing}, which is not installed, but {present[0]} is: run "
        f'import os; os.environ["KERAS_BACKEND"] = "{present[0]}" before the first import of keras'
    )


def check_keras_model(keras: Any, model: object) -> None:
    """Raise a TypeError unless this is a Keras model; ours are easily passed by mistake."""
    if not isinstance(model, keras.Model):
        kind = f"{type(model).__module__.partition('.')[0]}.{type(model).__name__}"
        raise TypeError(f"keras_model is a {kind}, expected a keras.Model")


def check_in_a_row(keras: Any, model: Any) -> None:
    """Raise an error unless a Keras model has been built and has one input and one output."""
    check_keras_model(keras, model)
    of_keras = type(model).__module__.startswith("keras.")
    if not of_keras or not (isinstance(model, keras.Sequential) or hasattr(model, "operations")):
        raise TypeError(
            f"{model.name}: {type(model).__name__} is a custom class, whose `call` can "
            "compute anything, expected a keras.Sequential or a functional model, such as "
            "keras.Model(inputs, outputs)"
        )
    if not model.built or not hasattr(model, "inputs"):
        raise ValueError(
            f"{model.name}: the model has not been built and has no weights yet: begin it with "
            "keras.Input((28, 28, 1)), or call keras_model.build((None, 28, 28, 1)) first"
        )
    ends = len(model.inputs), len(model.outputs)
    if ends != (1, 1):
        raise ValueError(
            f"{model.name}: expected one input and one output, got {ends[0]} and {ends[1]}"
        )


def layers_in_a_row(keras: Any, model: Any) -> Iterator[Any]:
    """Yield the layers of a Keras model in order, including those of nested models.

    After the last layer, raises an error if they do not form a single sequence.
    """
    check_in_a_row(keras, model)
    is_sequential = isinstance(model, keras.Sequential)
    for operation in model.layers if is_sequential else model.operations:
        if isinstance(operation, keras.Model):
            yield from layers_in_a_row(keras, operation)
        elif not isinstance(operation, keras.layers.InputLayer):
            yield operation
    if not is_sequential:
        _check_order(model.get_config()["layers"])


def _check_order(entries: list[dict[str, Any]]) -> None:
    """Raise a ValueError unless each layer of a functional model feeds only the next."""
    before: list[list[str]] = []
    for entry in entries:
        sources = [list(_sources(node)) for node in entry["inbound_nodes"]]
        if len(sources) > 1:
            raise ValueError(f"{entry['name']}: the layer is shared, expected one use of each")
        if sources != before:
            raise ValueError(
                f"{entry['name']}: the model has branches, expected layers one after the other"
            )
        before = [[entry["name"]]]


def _sources(node: object) -> Iterator[str]:
    """Yield the names of the layers that an entry of a Keras config takes its inputs from."""
    if isinstance(node, dict):
        if "keras_history" in node:
            yield node["keras_history"][0]
        node = list(node.values())
    if isinstance(node, list | tuple):
        for item in node:
            yield from _sources(item)
