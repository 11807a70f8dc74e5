"""Layers that somebody has written: saved by class and module, and found again."""

import inspect
import json
import subprocess
import sys

import numpy as np
import pytest
from small_networks import data, same, same_weights

from scratchcnn import Conv2D, Dense, Flatten, Layer, Residual, Sequential
from scratchcnn.layers.base import LAYER_CLASSES

CELL = """
class Scale(Layer):
    def __init__(self, factor, learned=True):
        super().__init__()
        self.factor, self.learned = factor, learned

    def build(self, input_shape, rng, dtype="float32"):
        super().build(input_shape, rng, dtype)
        if self.learned:
            self.params["scale"] = np.full(input_shape[-1], self.factor)

    def forward(self, x, training=False):
        self.cache = self.check_input(x)
        return self.cache * self.params["scale"]

    def backward(self, dy):
        self.grads["scale"] = (dy * self.recall()).sum(axis=tuple(range(dy.ndim - 1)))
        return dy * self.params["scale"]
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.npz"


@pytest.fixture(autouse=True)
def only_the_classes_of_this_test():
    """Take what a test defines out of the list of layers again."""
    before = dict(LAYER_CLASSES)
    # Without what other tests of this process have defined.
    for module, name in before:
        if not module.startswith("scratchcnn."):
            del LAYER_CLASSES[module, name]
    yield
    LAYER_CLASSES.clear()
    LAYER_CLASSES.update(before)


def define(module, cell=CELL, name="Scale"):
    """Run ``cell`` as module ``module`` would, and return the class that it defines."""
    names = {"__name__": module, "Layer": Layer, "np": np}
    exec(inspect.cleandoc(cell), names)
    return names[name]


def model_of(layer, *more):
    return Sequential([layer, *more, Flatten(), Dense(4)], (6, 6, 1))


def test_a_layer_of_a_notebook_is_saved_with_its_arguments_and_weights(path):
    model = model_of(define("__main__")(0.5))
    model.fit(*data(), verbose=False)
    model.save(path)
    loaded = Sequential.load(path)
    assert same_weights(loaded, model)
    assert repr(loaded.layers[0]) == "Scale(0.5)"
    for one in (model, loaded):
        one.fit(*data(), epochs=2, verbose=False)
    assert same_weights(loaded, model)


ANYTHING = """
class Anything(Layer):
    def __init__(self, value):
        self.value = value
"""


@pytest.mark.parametrize(
    "value",
    [
        (1, 2),
        [1, (2.5, [None, "a"])],
        {"type": "relu"},
        {"tuple": [1]},
        {"dict": {1: ("x", True)}, (0, 1): {}},
        {"type": "Dense", "module": "scratchcnn.layers.dense", "arguments": {"units": 3}},
    ],
    ids=repr,
)
def test_arguments_of_every_plain_kind_come_back_as_they_were(value, path):
    model_of(define("__main__", ANYTHING, "Anything")(value)).save(path)
    assert Sequential.load(path).layers[0].value == value


def test_layers_in_tuples_and_dictionaries_come_back_as_layers(path):
    model_of(define("__main__", ANYTHING, "Anything")({"inside": (Dense(3), 1)})).save(path)
    assert repr(Sequential.load(path).layers[0]) == "Anything({'inside': (Dense(3), 1)})"


class Small(Sequential):
    def __init__(self, classes):
        super().__init__([Flatten(), Dense(classes)], (6, 6, 1))


class Named(Sequential):
    def __init__(self, layers, input_shape, seed=0, dtype="float32", title=""):
        super().__init__(layers, input_shape, seed, dtype)
        self.title = title


def test_a_network_whose_init_takes_something_else_says_at_saving_what_to_do(path):
    with pytest.raises(ValueError, match=r"Small\.__init__ must take .*layers, input_shape.*funct"):
        Small(3).save(path)
    assert not path.exists()
    Named([Flatten(), Dense(3)], (6, 6, 1)).save(path)
    assert type(Named.load(path)) is Named


def test_numpys_numbers_will_do_as_arguments(path):
    model_of(define("__main__")(np.float32(0.5), learned=np.True_)).save(path)
    assert repr(Sequential.load(path).layers[0]) == "Scale(0.5)"


def test_a_layer_defined_in_a_function_is_found_again(path):
    class Twice(Layer):
        def forward(self, x, training=False):
            return 2 * self.check_input(x)

        def backward(self, dy):
            return 2 * dy

    model = model_of(Twice())
    model.save(path)
    assert type(Sequential.load(path).layers[0]) is Twice


def test_a_layer_of_ones_own_inside_a_block_comes_back(path):
    model = model_of(Residual([define("__main__")(0.5)]))
    model.save(path)
    assert same_weights(Sequential.load(path), model)


def test_a_cell_that_was_run_again_gives_the_newest_class(path):
    model = model_of(define("__main__")(0.5))
    model.save(path)
    newest = define("__main__")
    assert type(Sequential.load(path).layers[0]) is newest


def test_a_class_that_has_moved_to_another_module_is_found_there(path):
    model_of(define("__main__")(0.5)).save(path)
    del LAYER_CLASSES["__main__", "Scale"]
    moved = define("my_layers")
    assert type(Sequential.load(path).layers[0]) is moved


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a"), ("a", "b", "a"), ("b", "a", "b")])
def test_of_several_that_it_may_have_become_the_newest_is_taken(path, order):
    model_of(define("__main__")(0.5)).save(path)
    del LAYER_CLASSES["__main__", "Scale"]
    classes = [define(module) for module in order]
    assert type(Sequential.load(path).layers[0]) is classes[-1]


def test_two_classes_of_one_name_in_two_modules_are_kept_apart(path):
    first, second = define("first"), define("second")
    model = model_of(first(0.5), second(2.0), first(3.0))
    model.save(path)
    assert [type(layer) for layer in Sequential.load(path).layers[:3]] == [first, second, first]


OWN_CONVOLUTION = CELL.replace("Scale", "Conv2D")


def test_ones_own_conv2d_takes_nobodys_place_but_its_own(path, tmp_path):
    own = define("__main__", OWN_CONVOLUTION, "Conv2D")
    model_of(own(0.5)).save(path)
    assert type(Sequential.load(path).layers[0]) is own
    ours = tmp_path / "ours.npz"
    model_of(Conv2D(2, 3)).save(ours)
    assert type(Sequential.load(ours).layers[0]) is Conv2D


def test_ones_own_conv2d_that_is_missing_is_not_replaced_by_ours(path):
    model_of(define("__main__", OWN_CONVOLUTION, "Conv2D")(0.5)).save(path)
    del LAYER_CLASSES["__main__", "Conv2D"]
    with pytest.raises(ValueError, match="a layer Conv2D, which was defined in __main__: define"):
        Sequential.load(path)


def test_a_layer_of_the_workbook_that_is_missing_is_not_replaced_by_our_solution(path):
    import scratchcnn.exercises  # noqa: F401  # it has a LeakyReLU

    model_of(define("__main__", CELL.replace("Scale", "LeakyReLU"), "LeakyReLU")(0.5)).save(path)
    del LAYER_CLASSES["__main__", "LeakyReLU"]
    with pytest.raises(ValueError, match="a layer LeakyReLU, which was defined in __main__"):
        Sequential.load(path)


def test_a_class_that_is_missing_is_named_with_the_cure(path):
    model_of(define("my_layers")(0.5)).save(path)
    del LAYER_CLASSES["my_layers", "Scale"]
    with pytest.raises(
        ValueError,
        match=r"model\.npz .*a layer Scale, which was defined in my_layers: define or import it",
    ):
        Sequential.load(path)
    define("my_layers")
    Sequential.load(path)


def test_a_layer_that_does_not_keep_its_arguments_says_what_to_write_and_nothing_is_written(path):
    forgetful = CELL.replace("self.factor, self.learned =", "self.kept, self.learned =").replace(
        "self.factor)", "self.kept)"
    )
    with pytest.raises(ValueError, match=r"cannot be saved: .*self\.factor = factor in __init__"):
        model_of(define("__main__", forgetful)(0.5)).save(path)
    assert not path.exists()


def test_an_argument_that_json_cannot_write_is_refused_and_nothing_is_written(path):
    path.write_bytes(b"what was there")
    with pytest.raises(ValueError, match="cannot be saved"):
        model_of(define("__main__")(0.5, learned=object())).save(path)
    assert path.read_bytes() == b"what was there"
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_get_config_may_say_what_no_attribute_does(path):
    cell = CELL.replace("self.factor, self.learned =", "self.kept, self.learned =").replace(
        "self.factor)", "self.kept)"
    )
    cell += """
    def get_config(self):
        return {"factor": self.kept}
"""
    model = model_of(define("__main__", cell)(0.5))
    model.save(path)
    assert same_weights(Sequential.load(path), model)


def test_what_a_layer_keeps_without_learning_it_comes_back_too(path):
    class Counter(Layer):
        def build(self, input_shape, rng, dtype="float32"):
            super().build(input_shape, rng, dtype)
            self.state["seen"] = np.zeros(1, self.dtype)

        def forward(self, x, training=False):
            self.state["seen"] += len(x) * training
            return self.check_input(x)

    model = model_of(Counter())
    model.fit(*data(20), verbose=False)
    model.save(path)
    loaded = Sequential.load(path)
    assert loaded.layers[0].state["seen"].tolist() == [20]
    assert same(loaded.get_weights(), model.get_weights())


PROGRAM = f"""
import sys
import numpy as np
from scratchcnn import Dense, Flatten, Layer, Sequential, load_model
{CELL}
if sys.argv[1] == "save":
    model = Sequential([Scale(0.5), Flatten(), Dense(4)], (6, 6, 1))
    model.save(sys.argv[2])
print(load_model(sys.argv[2]).predict(np.ones((1, 6, 6, 1))).tolist())
"""


def test_a_script_finds_the_layers_of_its_last_run(path):
    runs = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM, what, path], capture_output=True, text=True, check=True
        )
        for what in ("save", "load")
    ]
    first, second = (json.loads(run.stdout) for run in runs)
    assert first == second
