"""The architecture bench: what it says about a network is what the library then does."""

import io

import numpy as np
import pytest
from browser.scene import images, make
from PIL import Image
from widgets.events import key, numbers, point

from scratchcnn import Sequential
from scratchcnn.widgets import ArchitectureExplorer
from scratchcnn.widgets.bench_layers import (
    KINDS,
    STEPS,
    LayerChoice,
    changed,
    library_layer,
    settings_of,
)
from scratchcnn.widgets.bench_report import report
from scratchcnn.widgets.bench_state import MOST_LAYERS


def networks(explorer):
    """Return the kinds of the layers, left and right."""
    return [[layer.kind for layer in network] for network in explorer.state.networks]


def built(network, shape):
    return Sequential([library_layer(layer) for layer in network], shape)


LEFT = ["Conv2D", "MaxPool2D", "Flatten", "Dense"]
RIGHT = ["Conv2D", "ReLU", "MaxPool2D", "Conv2D", "ReLU", "Flatten", "Dense"]


def test_it_starts_with_the_network_of_lesson_06_and_one_with_two_convolutions():
    explorer = make("bench")
    assert networks(explorer) == [LEFT, RIGHT]
    assert "13,602 parameters" in explorer.stage.alt  # as lesson 06 counts them
    shown = numbers(explorer.stage.caption.replace(",", ""))
    assert shown == [1, 4, 2, 8, 3, 3, 1, 26, 26, 8, 72, 3, 3, 1]  # layer 1 of 4: Conv2D ...


@pytest.mark.parametrize("side", [0, 1])
def test_shapes_and_counts_are_those_of_the_built_network(side):
    explorer = make("bench")
    key(explorer, "right", "ArrowDown", "9", "8", "4")
    key(explorer, "left", "9", "2")
    model = built(explorer.state.networks[side], (28, 28, 1))
    found = explorer.report(side)
    assert [layer.output for layer in found.layers] == [x.output_shape for x in model.layers]
    assert [layer.parameters for layer in found.layers] == [
        layer.count_params() for layer in model.layers
    ]
    assert found.problem is None


@pytest.mark.parametrize("number", range(1, 10))
def test_a_number_adds_a_layer_of_that_kind_below_the_chosen_one(number):
    explorer = make("bench")
    key(explorer, "left", "ArrowDown", str(number))
    assert networks(explorer)[0] == [*LEFT[:2], KINDS[number - 1], *LEFT[2:]]
    assert explorer.state.row == 3
    key(explorer, "left", "Delete")
    assert networks(explorer)[0] == LEFT
    assert explorer.state.row == 2


def test_layers_are_added_and_chosen_and_changed_by_mouse():
    explorer = make("bench")
    point(explorer, "right", "press", 0.5, 3.5 / 8)  # the third layer, below the image's row
    assert explorer.state.layer.kind == "MaxPool2D"
    point(explorer, "layers", "press", 0.99, 0.5)
    assert networks(explorer)[1] == [*RIGHT[:3], "BatchNorm", *RIGHT[3:]]
    point(explorer, "right", "press", 0.5, 1.5 / 9)
    point(explorer, "settings", "press", 0.34, 0.5)  # the + of the filters is at the field's end
    assert explorer.state.layer.filters == 10
    point(explorer, "settings", "press", 0.2, 0.5)
    assert explorer.state.layer.filters == 8
    point(explorer, "settings", "press", 0.28, 0.5)  # the word in between only chooses
    assert explorer.state.layer.filters == 8
    assert settings_of(explorer.state.layer)[explorer.state.setting] == "filters"


def test_the_list_of_layers_can_be_walked_by_keys():
    explorer = make("bench")
    key(explorer, "layers", *["ArrowRight"] * 20, "ArrowLeft", "Enter")
    assert networks(explorer)[0] == [LEFT[0], "Dropout", *LEFT[1:]]


@pytest.mark.parametrize("kind", KINDS)
def test_every_setting_goes_to_both_ends_step_by_step(kind):
    explorer = make("bench")
    key(explorer, "left", str(KINDS.index(kind) + 1))
    for place, setting in enumerate(settings_of(explorer.state.layer)[1:], 1):
        key(explorer, "left", *["ArrowLeft"] * 9, *["ArrowRight"] * place)
        for change, end in (("+", -1), ("PageDown", 0), ("PageUp", -1), ("-", 0)):
            key(explorer, "left", *[change] * len(STEPS[setting]))
            assert getattr(explorer.state.layer, setting) == STEPS[setting][end]
            library_layer(explorer.state.layer)


def test_filters_and_units_can_be_as_many_as_there_are_classes():
    for kind, setting in (("Conv2D", "filters"), ("Dense", "units")):
        layer, seen = LayerChoice(kind, filters=32, units=32), []
        for _ in range(3):
            layer = changed(layer, setting, 1, 47)
            seen.append(getattr(layer, setting))
        assert seen == [47, 48, 64]


def test_the_kind_of_a_layer_can_be_changed():
    explorer = make("bench")
    key(explorer, "left", "ArrowDown", "+")
    assert networks(explorer)[0][1] == "AvgPool2D"
    assert numbers(explorer.stage.caption)[-7:] == [13, 13, 8, 0, 4, 4, 2]


IMPOSSIBLE = {
    "A window of 3 × 3 does not fit in 1 × 1 pixels.": (["3"] * 4 + ["1"], 6),
    "Dense needs a row of numbers, not 26 × 26 × 8.": (["7"], 2),
    "MaxPool2D needs feature maps, not a row of 8.": (["5"], 3),
    "The last output must be 10 scores, not 1,352.": (["End", "Delete"], 3),
    "There are no layers yet.": (["Delete"] * 4, 0),
}


@pytest.mark.parametrize("words", IMPOSSIBLE)
def test_what_is_impossible_is_said_at_the_layer_that_fails_and_can_be_undone(words):
    explorer = make("bench")
    alt, (keys, layer) = explorer.stage.alt, IMPOSSIBLE[words]
    key(explorer, "left", *keys)
    problem = explorer.report(0).problem
    assert problem.words == words
    assert problem.layer == layer - 1
    assert words in explorer.stage.caption
    assert words in explorer.stage.alt
    assert "Press Start" not in explorer.stage.caption
    explorer.start()
    assert not explorer.state.running
    assert "press Start" in explorer.state.note
    assert explorer.stage.caption.count(words) == 1
    while explorer.state.past:
        key(explorer, "left", "Escape")
    assert networks(explorer)[0] == LEFT
    key(explorer, "left", "Home", "ArrowDown")
    assert explorer.stage.alt == alt


def test_the_library_finds_the_same_networks_impossible():
    """In every network of three random layers, both fail at the same layer, or neither does."""
    rng, failures = np.random.default_rng(0), 0
    for _ in range(200):
        picks = {name: steps[rng.integers(len(steps))] for name, steps in STEPS.items()}
        network = [LayerChoice(**picks | {"kind": kind}) for kind in rng.choice(KINDS, 3)]
        found = report(tuple(network), (9, 8, 2), 2, 32)
        for count in range(1, 4):
            try:
                built(network[:count], (9, 8, 2))
            except ValueError:
                failures += 1
                assert len(found.layers) == count - 1
                assert found.problem.layer == count - 1
                break
        else:
            assert len(found.layers) == 3
    assert 50 < failures < 150


def test_a_network_that_would_take_too_long_is_not_trained():
    dense = LayerChoice("Dense", units=512)
    large = (LayerChoice("Flatten"), dense, *[dense] * 16, LayerChoice("Dense"))
    slow = (LayerChoice("Conv2D", filters=64), LayerChoice("Conv2D", filters=128))
    ending = (LayerChoice("GlobalAvgPool2D"), LayerChoice("Dense"))
    pools = (LayerChoice("MaxPool2D", window=8, step=1, padding="same"),) * 3
    many = (LayerChoice("Conv2D", filters=128, kernel=1), LayerChoice("BatchNorm"))
    for network, words, place in (
        (large, "parameters", 1),
        ((*slow, *ending), "multiply-adds", 1),
        ((LayerChoice("Conv2D", filters=16), *pools, *ending), "pooling operations", 1),
        ((*many, *ending), "activations to store", 1),
    ):
        problem = report(network, (28, 28, 1), 10, 32).problem
        assert words in problem.words
        assert problem.words.startswith("Too large to train here: over ")
        assert problem.layer == place


def test_a_network_has_as_many_layers_as_fit_on_the_screen():
    explorer = make("bench")
    key(explorer, "right", *"2" * 20)
    assert len(explorer.state.networks[1]) == MOST_LAYERS
    assert "at most 12 layers" in explorer.stage.caption
    key(explorer, "right", "End", "Delete")  # now there is a line for what is wrong as well
    table = next(r for r in explorer.stage.regions if r["name"] == "right")
    assert table["rows"] == MOST_LAYERS + 1
    point(explorer, "right", "press", 0.5, 1.0)
    assert explorer.state.row == MOST_LAYERS - 1


def test_the_middle_of_the_image_shows_what_the_chosen_layer_sees():
    explorer = make("bench")
    seen = []
    for _ in range(4):
        seen.append(explorer.stage.frame)
        key(explorer, "left", "ArrowDown")
    assert len(set(seen)) == 4
    explorer.reset()
    key(explorer, "left", "ArrowDown")
    field = explorer.report(0).layers[1].field
    assert field.rows[6].tolist() == field.columns[6].tolist() == [12, 15]
    # Two pixels of the screen for each of the image, from (742, 1); the frame is outside.
    picture = np.asarray(Image.open(io.BytesIO(explorer.stage.frame)))
    corners = picture[[24, 33], [765, 774]]
    assert (corners == picture[24, 766]).all()
    assert (picture[26:30, 768:772] == picture[26:30, 768:772, :1]).all()  # gray
    assert len(set(corners[0].tolist())) == 3  # orange


def test_the_keys_change_the_network_that_has_the_focus():
    explorer = make("bench")
    key(explorer, "right", "ArrowUp")
    assert (explorer.state.side, explorer.state.rows) == (1, (1, 0))
    key(explorer, "right", "Delete", "+")
    assert "choose a layer to change" in explorer.stage.caption
    assert networks(explorer) == [LEFT, RIGHT]
    key(explorer, "left", "Delete")
    assert networks(explorer) == [LEFT[1:], RIGHT]


def test_whoever_is_in_the_settings_can_walk_through_the_image_and_back():
    explorer = make("bench")
    names = ["layers", "settings", "left", "right"]
    assert [region["name"] for region in explorer.stage.regions] == names
    key(explorer, "settings", "ArrowUp")
    assert explorer.state.row == 0
    assert [region["name"] for region in explorer.stage.regions] == names
    assert "The image has no settings." in explorer.stage.regions[1]["label"]
    point(explorer, "settings", "press", 0.05, 0.5)
    assert networks(explorer) == [LEFT, RIGHT]
    key(explorer, "settings", "ArrowDown")
    assert explorer.state.row == 1


def test_undo_takes_back_one_change_at_a_time_on_the_side_where_it_was():
    explorer = make("bench")
    key(explorer, "left", "1")
    key(explorer, "right", "Delete")
    key(explorer, "left", "ArrowDown", "Escape")
    assert networks(explorer) == [[LEFT[0], *LEFT], RIGHT]
    assert explorer.state.side == 1
    explorer.undo()
    assert networks(explorer) == [LEFT, RIGHT]
    explorer.undo()
    assert "nothing to undo" in explorer.stage.caption


@pytest.mark.parametrize(
    "networks",
    [
        "Conv2D 8 3 1 valid no",
        "Conv2D 8 3 1 valid | Flatten",
        "Conv2D 8 3 5 valid no | Flatten",
        "Conv2D 0 3 1 valid no | Flatten",
        "Softmax | Flatten",
        "Dropout 0.95 | Flatten",
        "Flatten, " * 13 + " | Flatten",
    ],
)
def test_a_damaged_view_is_refused_and_changes_nothing(networks):
    explorer = make("bench")
    key(explorer, "left", "1")
    alt = explorer.stage.alt
    with pytest.raises(ValueError, match="networks"):
        explorer.go_to(f"ArchitectureExplorer(networks={networks!r})")
    with pytest.raises(ValueError, match="no such network"):
        explorer.go_to("ArchitectureExplorer(networks='Flatten | Flatten', side=2)")
    assert explorer.stage.alt == alt


def test_a_view_may_have_an_empty_network_and_another_number_of_classes_and_be_undone():
    explorer = make("bench")
    explorer.go_to("ArchitectureExplorer(networks='Flatten, Dense 47 | ', side=1, rows=(2, 9))")
    assert networks(explorer) == [["Flatten", "Dense"], []]
    assert explorer.state.rows == (2, 0)
    assert "expected" not in explorer.stage.error
    key(explorer, "left", "ArrowRight", "-")
    assert explorer.state.layer.units == 32
    key(explorer, "left", "Escape", "Escape")
    assert networks(explorer) == [LEFT, RIGHT]


@pytest.mark.parametrize("size", [8, 256])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("classes", [2, 47])
def test_images_of_8_to_256_pixels_gray_or_color_with_2_to_47_classes(size, channels, classes):
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (60, size, size, channels), np.uint8)
    labels = np.arange(60) % classes
    explorer = ArchitectureExplorer(pictures, labels)
    assert explorer.last_error is None
    assert explorer.data.x.min() == pytest.approx(-0.5)
    assert f"{size} × {size} × {channels} and {classes} classes" in explorer.stage.alt
    assert explorer.report(0).layers[-1].output == (classes,)
    assert explorer.problems() == []
    if size == 8:
        assert "does not fit" not in explorer.stage.alt


def test_with_more_classes_than_units_to_choose_from_its_own_view_can_be_shown():
    x = np.repeat(images()[0][:600], 2, axis=0)
    explorer = ArchitectureExplorer(x, np.arange(1200) % 600)
    key(explorer, "left", "ArrowDown")
    explorer.go_to(explorer.view)
    assert explorer.state.networks[0][-1].units == 600


def test_other_data_is_an_error_that_says_what_is_expected():
    x, y = images()
    for wrong, words in (
        ((x[:9, :4, :4], y[:9]), "of 8 to 256 pixels each way"),
        ((x[:9].reshape(9, -1), y[:9]), r"expected images \(N, H, W\)"),
        ((x[:9], y[:8]), "y"),
        ((x[:9], np.zeros(9, int)), "expected at least 2"),
        ((x[:3], y[:3]), "at least 5"),
        ((x[:9], y[:9], (x[:9, :14], y[:9])), "as in x"),
        ((x[:9] * np.nan, y[:9]), "NaN"),
        ((x[:9],), "x and y belong together"),
        ((None, y[:9]), "x and y belong together"),
        ((x[:9], np.arange(9) % 2 - 1), r"y\[0\] is -1, expected a class in 0"),
        ((x[:9], y[:9], (x[:9],)), "test_data is not a pair of images and labels"),
        ((x[:9], y[:9] % 3, (x[:9], y[:9])), "in test_data, y"),
        ((None, None, (x[:9, :14], y[:9])), "as in x"),
    ):
        with pytest.raises(ValueError, match=words):
            ArchitectureExplorer(*wrong)
    with pytest.raises(TypeError, match="optimizer"):
        ArchitectureExplorer(x[:9], y[:9], optimizer="adam")
