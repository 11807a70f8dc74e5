"""Static figures: functions that return a matplotlib Figure, which `show` displays.

Every figure carries alternative text, `figure.alt`, which `show` passes on to readers who cannot
see it. All functions are available here; matplotlib is loaded when the first one is used.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

# Where each function is defined.
_HOMES = {
    "arrays": ["image_and_maps", "images", "matrices"],
    "windows": [
        "image_part",
        "outputs_fed_by_pixels",
        "sliding_window",
        "window_centers",
        "window_counts",
    ],
    "filters": [
        "channel_sums",
        "kernels",
        "kernels_and_maps",
        "layer_maps",
        "learned_kernels",
        "window_matrix",
    ],
    "products": ["window_product"],
    "pooling": ["changes_under_shift", "pooled_windows", "tie_counts"],
    "probabilities": ["class_bars", "softmax_overflow", "softmax_temperatures"],
    "loss": ["clipped_loss", "initial_losses", "probability_triangle", "surprise_curve"],
    "training_curves": [
        "epoch_curves",
        "gradient_norms",
        "loss_curve",
        "loss_pair",
        "run_differences",
        "update_curves",
    ],
    "hyperparameters": [
        "accuracy_grid",
        "learning_rate_curves",
        "learning_rate_schedules",
        "optimizer_paths",
    ],
    "experiments": ["ablation"],
    "normalization": ["normalization_steps"],
    "depth": ["depth_accuracies", "layer_curves"],
    "evaluation": ["accuracies", "accuracy_by_shift", "confusion_matrix", "mistakes"],
    "looking_inside": ["forward_pass", "saliency"],
    "color": ["color_channels", "color_kernels", "maps_over_pictures", "pictures"],
    "receptive_field": ["receptive_field_pyramid"],
    "times": ["time_bars"],
    "speedups": ["speedup_curves"],
    "rates": ["log_curves", "rate_bars", "roofline"],
    "memory": ["memory_phases", "memory_views"],
}
# Tools that are not figures themselves.
_TOOLS = {"display": ["described", "show", "to_png"], "style": ["new_figure"]}
_HOME_OF = {
    name: home for homes in (_HOMES, _TOOLS) for home, names in homes.items() for name in names
}

__all__ = sorted(_HOME_OF)


def __getattr__(name: str) -> object:
    """Load a function on first use."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'scratchcnn.plots' has no attribute {name!r}")
    try:
        with _no_word_of_the_font_cache():
            module = import_module(f"scratchcnn.plots.{_HOME_OF[name]}")
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in ("matplotlib", "PIL"):
            raise
        raise ImportError(
            f"plots.{name} needs matplotlib and Pillow, and {error.name} is missing: "
            'pip install "scratchcnn[course]"'
        ) from error
    value = getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the names of all figures and tools, for tab completion."""
    return __all__


@contextmanager
def _no_word_of_the_font_cache() -> Iterator[None]:
    """Let matplotlib build its font cache without a warning.

    A browser's Python builds it on every visit, and red text would appear at the first figure.
    """
    import logging  # here, to keep `import scratchcnn` fast

    def is_other_news(record: logging.LogRecord) -> bool:
        return "building the font cache" not in record.getMessage()

    logger = logging.getLogger("matplotlib.font_manager")
    logger.addFilter(is_other_news)
    try:
        yield
    finally:
        logger.removeFilter(is_other_news)
