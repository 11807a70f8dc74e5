"""References to check everything else against: plain loops and central differences."""

from importlib import import_module


def __getattr__(name: str) -> object:
    """Load a module, or `check_gradients`, on first use."""
    if name in ("loops", "normalization", "gradient_check"):
        return import_module(f"scratchcnn.reference.{name}")
    if name == "check_gradients":
        return import_module("scratchcnn.reference.gradient_check").check_gradients
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
