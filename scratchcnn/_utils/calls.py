"""Objects described by the call that makes them: what `repr` and saving need to know."""

from __future__ import annotations

import re
from types import FunctionType
from typing import Any


def arguments_of(thing: object) -> dict[str, Any]:
    """Return the arguments of ``thing``'s __init__, each kept in the attribute of its name."""
    try:
        return {name: getattr(thing, name) for name in _parameters(type(thing))}
    except AttributeError as error:
        raise TypeError(
            f"{type(thing).__name__} does not keep its argument {error.name!r}: write "
            f"self.{error.name} = {error.name} in __init__, or override get_config"
        ) from None


def shortest_call(thing: object, config: dict[str, Any]) -> str:
    """Write the call that makes ``thing``, without the arguments that have their default value.

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
            # A function, such as a schedule, by its name: its repr is another in each run.
            written.append(value.__name__ if isinstance(value, FunctionType) else repr(value))
            continue
        others = {key: argument for key, argument in kept.items() if key != name}
        # Not compared with the default itself: strides=1 is kept as (1, 1).
        if arguments_of(cls(**others)) == config:
            kept = others
        else:
            written.append(f"{name}={value!r}")
    return f"{cls.__name__}({', '.join(written)})"


def snake_case(name: str) -> str:
    """Return a class's name as Keras spells those of its layers: ``max_pooling2d``."""
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def _parameters(cls: type) -> dict[str, Any]:
    import inspect  # here, to keep the import of the package short

    _self, *parameters = inspect.signature(cls.__init__).parameters.values()  # type: ignore[misc]
    return {p.name: p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
