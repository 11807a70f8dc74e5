"""The networks of lesson 11: for garments, with borrowed convolutions, and for shapes."""

import numpy as np
import pytest
from experiment_cases import STORED

from scratchcnn import experiments, load_model
from scratchcnn.experiments import networks, other_images, runs

ALL = "+ all but shifts"


@pytest.mark.parametrize("case", [other_images.FIRST, *other_images.GARMENT_CASES])
def test_every_network_for_garments_is_made_of_what_its_case_says(case, monkeypatch):
    seen = []
    monkeypatch.setattr(other_images, "train", lambda *given: seen.append(given) or {})
    experiments.garments("garments", case, 0)
    ((model, batches, validation, *_),) = seen
    names = [type(layer).__name__ for layer in model.layers]
    wanted = 1 if case == other_images.FIRST else 3 if case in ("+ third convolution", ALL) else 2
    assert names.count("Conv2D") == wanted
    assert ("BatchNorm" in names) == (case in ("+ batch norm", ALL))
    assert isinstance(batches, other_images.MirroredBatches) == (case in ("+ mirror images", ALL))
    assert isinstance(batches, runs.ShiftedBatches) == (case == "+ shifts")
    assert (len(batches.x), len(validation[0])) == (2000, 1000)
    images = {image.tobytes() for image in batches.x}
    assert not images & {image.tobytes() for image in validation[0]}


def test_about_half_of_the_images_are_mirrored_each_with_its_own_label():
    x = np.zeros((400, 4, 6, 1), np.float32)
    x[:, :, 0] = np.arange(400).reshape(-1, 1, 1)
    labels = np.arange(400)
    mirrored = 0
    for images, own in other_images.MirroredBatches(x, labels, 32, np.random.default_rng(0)):
        for image, label in zip(images, own, strict=True):
            turned = image[0, -1, 0] == label and image[0, 0, 0] == 0
            assert turned or image[0, 0, 0] == label
            mirrored += bool(turned)
    assert 150 < mirrored < 250
    assert (x[:, 0, 0, 0] == np.arange(400)).all()  # the images themselves stay as they are


def test_frozen_convolutions_are_those_of_digits_or_random_ones(monkeypatch):
    seen = []
    monkeypatch.setattr(other_images, "train", lambda *given: seen.append(given) or {})
    weights = [w + 1 for w in networks.garment_network(0).get_weights()]
    monkeypatch.setattr(other_images, "digit_weights", lambda seed: weights)
    for start in ("digits", "random", "all layers"):
        experiments.transfer(start, 50, 0)
    digits, random, everything = (model for model, *_ in seen)
    assert [len(model.layers) for model in (digits, random, everything)] == [1, 1, 8]
    made = [batches.x for _, batches, *_ in seen]
    assert made[0].shape == made[1].shape == (50, 7 * 7 * 32)
    assert made[2].shape == (50, 28, 28, 1)
    for features, own in ((made[0], weights), (made[1], networks.garment_network(0).get_weights())):
        model = networks.garment_network(0)
        model.set_weights(own)
        maps = made[2]
        for layer in model.layers[:-1]:
            maps = layer.forward(maps)
        assert np.allclose(maps, features, atol=1e-4)


@pytest.mark.parametrize(("file", "marked"), [("shapes.npz", False), ("shapes_marked.npz", True)])
def test_the_stored_networks_for_shapes_find_what_is_written_down(file, marked):
    (run,) = [
        run
        for run in experiments.stored("shapes", STORED)
        if run["seed"] == 0 and run["marked"] == marked
    ]
    model = load_model(STORED / file)
    found = other_images.found_by_grad_cam(model, 1000)
    for name, value in found.items():
        assert value == pytest.approx(run[name], abs=0.01)
    if marked:
        assert found["mark_rate"] > 0.9
    else:
        assert found["hit_rate"] > 0.9
        assert found["mark_rate"] < 0.05
