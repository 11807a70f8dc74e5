"""Views: what an explorer shows, as a line of text that can be copied, sent and pasted.

A view looks like a call: ``FilterExplorer(image=3, stride=2)``. It names the fields of the state
that differ from their defaults, and it is only read, never run. Fields of other types than numbers,
text and tuples of these need a way to be written, or are left out.
"""

import ast
import base64
import dataclasses
import math
import warnings
import zlib
from collections.abc import Callable, Collection, Mapping
from typing import Any

import ipywidgets
import numpy as np

PLAIN = (int, float, str, tuple, frozenset)  # what a view can hold as it is
LONGEST = 50_000  # characters of a view
MOST_BYTES = 1_000_000  # of a drawing, unpacked

# How to write a field that is not a plain value, and how to read it: (write, read).
Codec = tuple[Callable[[Any], str], Callable[[str], Any]]


def write_view(
    name: str, state: Any, left_out: Collection[str], codecs: Mapping[str, Codec]
) -> str:
    """Return the view of an explorer of class ``name`` that shows ``state``."""
    parts = []
    for field in dataclasses.fields(state):
        value = getattr(state, field.name)
        if field.name in left_out or value is None:
            continue
        if field.name in codecs:
            if len(value):
                parts.append(f"{field.name}={codecs[field.name][0](value)!r}")
        elif isinstance(value, PLAIN) and value != field.default:
            plain = sorted(value) if isinstance(value, frozenset) else value
            parts.append(f"{field.name}={plain!r}")
    return f"{name}({', '.join(parts)})"


def read_view(
    view: str,
    name: str,
    first: Any,
    left_out: Collection[str],
    codecs: Mapping[str, Codec],
    controls: Mapping[str, ipywidgets.Widget],
) -> dict[str, Any]:
    """Return the fields of the state that a view stands for, by name, or raise ValueError.

    Parameters
    ----------
    name : str
        The class of the explorer that will show it.
    first : dataclass
        Its first state: the types of the fields must be the same.
    controls : dict of str to Widget
        Its controls, whose limits hold for views too.
    """
    fields = _arguments(view, name)
    plain = {f.name: f for f in dataclasses.fields(first) if f.name not in left_out}
    unknown = sorted(fields.keys() - plain.keys())
    if unknown:
        raise ValueError(f"a view of {name} has no {unknown[0]!r}; it can have {', '.join(plain)}")
    found = {}
    for key, value in fields.items():
        if key in codecs:
            found[key] = _decoded(key, value, codecs[key][1])
        else:
            found[key] = _alike(key, value, getattr(first, key))
            _check_control(key, found[key], controls.get(key))
    defaults = {
        key: field.default
        for key, field in plain.items()
        if field.default is not dataclasses.MISSING
    }
    return {**defaults, **found}


def _arguments(view: str, name: str) -> dict[str, Any]:
    """Return the arguments of the call that a view looks like."""
    form = f"expected a line such as {name}(image=3), like the one below the explorer's picture"
    if not isinstance(view, str) or len(view) > LONGEST:
        raise ValueError(f"this is not a view: {form}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # about what is refused anyway
            call = ast.parse(view.strip().strip("\"'`").strip(), mode="eval").body
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.args:
            raise ValueError
        arguments = {str(word.arg): ast.literal_eval(word.value) for word in call.keywords}
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        raise ValueError(f"this is not a view: {form}") from None
    if call.func.id != name:
        raise ValueError(f"this is a view of a {call.func.id}, and this is a {name}")
    return arguments


def _alike(key: str, value: Any, like: Any) -> Any:
    """Return a value of the same type as ``like``, or raise ValueError."""
    if isinstance(like, frozenset):
        pairs = value if isinstance(value, list) else [None]
        return frozenset(_alike(key, pair, (0, 0)) for pair in pairs)
    if isinstance(like, tuple) and isinstance(value, tuple) and len(value) == len(like):
        return tuple(_alike(key, part, other) for part, other in zip(value, like, strict=True))
    if isinstance(like, float) and type(value) in (int, float) and math.isfinite(value):
        return float(value)
    if type(value) is type(like) and isinstance(value, int | str):
        return value
    raise ValueError(f"{key}={value!r} does not fit: expected something like {key}={like!r}")


def _check_control(key: str, value: Any, control: ipywidgets.Widget | None) -> None:
    low, high = getattr(control, "min", None), getattr(control, "max", None)
    if isinstance(control, ipywidgets.FloatLogSlider):
        low, high = control.base**low, control.base**high
    if isinstance(control, ipywidgets.Dropdown):
        allowed = [choice for _, choice in control._options_full]
        if value not in allowed:
            raise ValueError(f"{key}={value!r}, expected one of {allowed}")
    elif low is not None and not low <= value <= high:
        raise ValueError(f"{key}={value!r}, expected {low:g} to {high:g}")


def _decoded(key: str, value: Any, read: Callable[[str], Any]) -> Any:
    try:
        return read(value)
    except (ValueError, TypeError, zlib.error):
        raise ValueError(f"{key} is damaged: copy the whole view again") from None


def pack(array: np.ndarray) -> str:
    """Return the bytes of an array as text."""
    return base64.urlsafe_b64encode(zlib.compress(array.tobytes(), 9)).decode("ascii")


def unpack(text: str, dtype: str) -> np.ndarray:
    """Return the numbers that `pack` has made a text of."""
    reader = zlib.decompressobj()
    data = reader.decompress(base64.urlsafe_b64decode(text), MOST_BYTES)
    if not reader.eof:
        raise ValueError("the text is not complete")
    return np.frombuffer(data, dtype)
