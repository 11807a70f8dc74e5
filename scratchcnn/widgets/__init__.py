"""Explorers: interactive widgets, each about one idea of the course.

What an explorer shows is also a line of text below its picture, its ``view``. Paste it into the
same line of another explorer of that kind, or call ``explorer.go_to(view)``: it shows the same.

They are built on the library; no library module imports them. Each is loaded on first use, so
that the Jupyter server can load `scratchcnn.widgets.server` alone.
"""

from importlib import import_module

# The module that defines each public name.
_HOME_OF = {
    "AdversarialExplorer": "scratchcnn.widgets.adversarial",
    "ArchitectureExplorer": "scratchcnn.widgets.bench",
    "DigitPad": "scratchcnn.widgets.pad",
    "FilterExplorer": "scratchcnn.widgets.filters",
    "GradCamExplorer": "scratchcnn.widgets.gradcam",
    "GradientExplorer": "scratchcnn.widgets.gradient",
    "LiveTraining": "scratchcnn.widgets.live",
    "NetworkExplorer": "scratchcnn.widgets.network",
    "PoolingExplorer": "scratchcnn.widgets.pooling",
    "Recorder": "scratchcnn.callbacks",
    "SoftmaxExplorer": "scratchcnn.widgets.softmax",
    "TrainingScrubber": "scratchcnn.widgets.scrubber",
    "mission": "scratchcnn.widgets.missions",
}

__all__ = sorted(_HOME_OF)


def __getattr__(name: str) -> object:
    """Load a public name on first use."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'scratchcnn.widgets' has no attribute {name!r}")
    from scratchcnn._utils.extras import needs_extra

    with needs_extra("course"):
        value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names, for tab completion."""
    return __all__
