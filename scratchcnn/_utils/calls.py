"""Describe an object by the call that creates it, for `repr` and for saving."""

from __future__ import annotations

import re
from types import FunctionType
from typing import Any


def arguments_of(thing: object) -> dict[str, Any]:
    """Return the arguments of ``thing``'s __init__, read from attributes of the same names."""
    try:
        return {name: getattr(thing, name) for name in _parameters(type(thing))}
    except AttributeError as error:
        raise TypeError(
            f"{type(thing).__name__} does not keep its argument {error.name!r}: write "
            f"self.{error.name} = {error.name} in __init__, or override get_config"
        ) from None


def shortest_call(thing: object, config: dict[str, Any]) -> str:
    """Write the call that creates ``thing``, leaving out arguments with their default values.

    Parameters
    ----------
    thing : object
    config : dict
        Its arguments, as `arguments_of` returns them.
    """
    parameters, cls = _parameters(type(thing)), type(thing)
    written, kept = [], dict(config)
    for place, (name, value) in enumerate(config.items()):
        default = parameters[name].default
        if default is parameters[name].empty or (place == 0 and value != default):
            # Write functions, such as schedules, by name: their repr changes from run to run.
            written.append(value.__name__ if isinstance(value, FunctionType) else repr(value))
            continue
        others = {key: argument for key, argument in kept.items() if key != name}
        # Do not compare with the raw default: strides=1 is stored as (1, 1).
        if arguments_of(cls(**others)) == config:
            kept = others
        else:
            written.append(f"{name}={value!r}")
    return f"{cls.__name__}({', '.join(written)})"


def snake_case(name: str) -> str:
    """Return a class name the way Keras spells layer names: ``max_pooling2d``."""
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def _parameters(cls: type) -> dict[str, Any]:
    import inspect  # here, to keep `import scratchcnn` fast

    _self, *parameters = inspect.signature(cls.__init__).parameters.values()  # type: ignore[misc]
    return {p.name: p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
