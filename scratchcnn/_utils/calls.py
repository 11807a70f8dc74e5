"""Describe an object by the call that creates it, for `repr` and for saving."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import FunctionType
from typing import Any

from scratchcnn._utils.holder import ArrayHolder


def arguments_of(thing: object) -> dict[str, Any]:
    """Return the arguments of ``thing``'s __init__, read from attributes of the same names."""
    try:
        return {name: getattr(thing, name) for name in _parameters(type(thing))}
    except AttributeError as error:
        raise TypeError(
            f"{type(thing).__name__} does not keep its argument {error.name!r}: write "
            f"self.{error.name} = {error.name} in __init__, or override get_config"
        ) from None


def shortest_call(thing: object, arguments: Callable[[], dict[str, Any]], always: str = "") -> str:
    """Write the call that creates ``thing``, leaving out arguments with their default values.

    If its arguments cannot be found out, only the name of its class is written: ``<Mine>``.

    Parameters
    ----------
    thing : object
    arguments : callable
        Returns its arguments, as `arguments_of` does.
    always : str
        The name of an argument that is written even if it has its default value.
    """
    cls = type(thing)
    try:
        config, parameters = arguments(), _parameters(cls)
        written, kept = [], dict(config)
        for place, (name, value) in enumerate(config.items()):
            default, told = parameters[name].default, name == always
            if default is parameters[name].empty or (place == 0 and (told or value != default)):
                written.append(_written(value))
                continue
            others = {key: argument for key, argument in kept.items() if key != name}
            # Do not compare with the raw default: strides=1 is stored as (1, 1).
            if not told and arguments_of(cls(**others)) == config:
                kept = others
            else:
                written.append(f"{name}={_written(value)}")
    except Exception:  # an __init__ that does not store its arguments
        return f"<{cls.__name__}>"
    return f"{cls.__name__}({', '.join(written)})"


def _written(value: object) -> str:
    """Write an argument the same way in every run: without its place in memory."""
    if isinstance(value, FunctionType):  # such as a schedule
        return value.__name__
    if isinstance(value, tuple) and any(isinstance(item, ArrayHolder) for item in value):
        value = list(value)  # as layers are usually passed
    return re.sub(" at 0x[0-9a-fA-F]+", "", repr(value))


def snake_case(name: str) -> str:
    """Return a class name the way Keras spells layer names: ``max_pooling2d``."""
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def _parameters(cls: type) -> dict[str, Any]:
    import inspect  # here, to keep `import scratchcnn` fast

    _self, *parameters = inspect.signature(cls.__init__).parameters.values()  # type: ignore[misc]
    return {p.name: p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
