"""scratchcnn: a convolutional neural network built from nothing but NumPy, to read and to teach.

Every public name can be imported from here; its module is loaded on first use.
"""

from importlib import import_module

__version__ = "0.2.0"

# The module that defines each public name; module names map to themselves.
_HOMES = {
    "layers.base": ["Layer"],
    "layers.normalization": ["BatchNorm"],
    "preprocessing": ["Rescaling", "Reshape"],
    "layers.residual": ["Residual"],
    "layers.convolution": ["Conv2D"],
    "layers.pooling": ["AvgPool2D", "GlobalAvgPool2D", "MaxPool2D"],
    "layers.dense": ["Dense", "Flatten"],
    "layers.activations": ["Dropout", "ReLU"],
    "losses": ["SoftmaxCrossEntropy", "softmax"],
    "network": ["Sequential", "load_model"],
    "training": ["Training"],
    "architecture": ["multiply_adds", "receptive_fields"],
    "_utils.checkpoint": ["DivergenceError"],
    "callbacks": ["EarlyStopping", "Recorder"],
    "batches": ["Batches", "ShiftedBatches"],
    "history": ["History"],
    "optimizers": ["SGD", "Adam"],
    "schedules": ["cosine_decay", "step_decay"],
    "keras_bridge": ["to_keras"],
    "keras_import": ["from_keras"],
    "reference.gradient_check": ["check_gradients"],
    "data.mnist": ["load_mnist", "load_mnist_test"],
    "data.fashion": ["FASHION_CLASSES", "load_fashion_mnist"],
    "data.shapes": ["SHAPE_CLASSES", "make_shapes"],
    "data.images": ["read_image"],
}
_MODULES = ["callbacks", "exercises", "keras_bridge", "plots", "reference", "widgets"]
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

# `from scratchcnn import *` leaves out everything that needs more than NumPy.
_EXTRAS = {"plots": "course", "widgets": "course"}

__all__ = sorted({*_HOME_OF, *_MODULES} - set(_EXTRAS))


def __getattr__(name: str) -> object:
    """Load a public name on first use."""
    if name in _EXTRAS:
        from scratchcnn._utils.extras import needs_extra

        with needs_extra(_EXTRAS[name]):
            return import_module(f"scratchcnn.{name}")
    if name in _MODULES:
        return import_module(f"scratchcnn.{name}")
    if name not in _HOME_OF:
        raise AttributeError(f"module 'scratchcnn' has no attribute {name!r}")
    value = getattr(import_module(f"scratchcnn.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names, for tab completion."""
    return [*__all__, *_EXTRAS, "__version__"]
