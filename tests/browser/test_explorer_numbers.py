"""Each explorer in a real JupyterLab: the numbers on the page are what the library computes."""

import re

import numpy as np
import pytest
from browser.lab import screenshot
from browser.scene import DIGITS, images, make, recording, shapes
from browser.scene_page import assert_same, shown
from browser.words import alike
from widgets.events import key, numbers

from scratchcnn import AvgPool2D, Conv2D, MaxPool2D, SoftmaxCrossEntropy, softmax
from scratchcnn.data.strokes import as_mnist
from scratchcnn.pixel_ascent import sign_step


def test_filter_the_nine_products_on_the_page_sum_to_the_librarys_pixel(page):
    on_page, twin = shown(page, "filter"), make("filter")
    on_page.reset(twin)
    on_page.press("kernel", "2", ".", "5")
    on_page.press("feature map", "ArrowDown")
    key(twin, "kernel", "2", ".", "5")
    key(twin, "feature map", "ArrowDown")
    assert_same(on_page, twin)

    kernel = np.array([[-0.25, 0, 0.25], [-0.5, 2.5, 0.5], [-0.25, 0, 0.25]])
    layer = Conv2D(1, 3, use_bias=False)
    layer.build((28, 28, 1), np.random.default_rng(0), "float64")
    layer.params["kernel"][:, :, 0, 0] = kernel
    image = np.rint((images()[0][0] + 0.5) * 255) / 255
    pixel = layer.forward(image[None])[0, 13, 12, 0]

    row, column, total = numbers(on_page.caption)
    assert (row, column) == (13, 12)
    assert total == pytest.approx(pixel, abs=6e-4)
    terms = re.search(r"nine products: (.*)\.$", on_page.alt)[1].split("; ")
    factors = np.array([numbers(term) for term in terms])
    assert factors[:, 0] == pytest.approx(image[13:16, 12:15].ravel(), abs=6e-4)
    assert factors[:, 1] == pytest.approx(kernel.ravel())
    assert factors[:, 2] == pytest.approx(image[13:16, 12:15].ravel() * kernel.ravel(), abs=6e-4)
    assert factors[:, 2].sum() == pytest.approx(total, abs=6e-3)


@pytest.mark.parametrize("layer", [MaxPool2D, AvgPool2D])
def test_pooling_the_change_on_the_page_is_the_librarys(page, layer):
    on_page = shown(page, "pooling")
    on_page.reset(make("pooling"))
    on_page.root.get_by_label("Pooling").select_option("max" if layer is MaxPool2D else "average")
    on_page.press("image", "ArrowDown", "ArrowDown")
    image = np.rint((images()[0][0] + 0.5) * 255) / 255
    moved = np.zeros_like(image)
    moved[2:, 1:] = image[:-2, :-1]
    pool = layer(2)
    pool.build(image.shape, np.random.default_rng(0), "float64")
    old, new = pool.forward(image[None]), pool.forward(moved[None])
    before = np.linalg.norm(moved - image) / np.linalg.norm(image)
    after = np.linalg.norm(new - old) / np.linalg.norm(old)
    counts = (moved != image).sum(), (new != old).sum()
    wanted = (
        f"changed {counts[0]} of 784 pixels before pooling, relative change {before:.3f}, and "
        f"{counts[1]} of 196 after, relative change {after:.3f}."
    )
    on_page.wait_for("alt", wanted)


def test_softmax_a_dragged_score_gives_the_librarys_loss(page):
    on_page = shown(page, "softmax")
    on_page.reset(make("softmax"))
    start, end = on_page.places("scores", [(0.3, 0.5), (0.3, 0.26)])
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=8)
    page.mouse.up()
    ((_, y),) = on_page.shares("scores", [end])
    score = round(6 - 12 * y, 1)  # 6 at the top, -6 at the bottom
    assert score == pytest.approx(2.9, abs=0.15)
    scores = np.array([[2.0, score, 0.0, -1.0, 0.5]])
    loss = SoftmaxCrossEntropy().forward(scores, np.array([0]))
    on_page.settle()
    assert f"1: score {score:.2f}, probability {softmax(scores)[0, 1]:.3f}" in on_page.alt
    assert numbers(on_page.caption)[-1] == pytest.approx(loss, abs=6e-4)


def test_gradient_a_step_gives_the_loss_of_a_step_made_by_hand(page):
    on_page = shown(page, "gradient")
    on_page.reset(make("gradient"))
    on_page.push("Step")
    on_page.wait_for("alt", "Step 1")
    x, y = images()
    model, loss = recording().model, SoftmaxCrossEntropy()
    weights = model.get_weights()
    before = loss.forward(model.forward(x[1000:1001]), y[1000:1001])
    model.backward(loss.backward())
    model.set_weights([w - 0.01 * g for w, g in zip(weights, model.grads.values(), strict=True)])
    after = loss.forward(model.forward(x[1000:1001]), y[1000:1001])
    model.set_weights(weights)
    assert numbers(on_page.alt)[-2:] == pytest.approx([before, after], abs=6e-5)


def test_scrubber_the_accuracy_on_the_page_is_that_of_evaluate(page):
    on_page = shown(page, "scrubber")
    on_page.press("loss", "End")
    x, y = images()
    loss, accuracy = recording().model.evaluate(x[1000:1200], y[1000:1200])
    on_page.wait_for("caption", "Step 5000: loss")
    on_page.settle()
    assert alike(
        on_page.caption, f"Step 5000: loss {loss:.3f} and accuracy {accuracy:.3f} on 200 images"
    )


def test_gradcam_dragging_over_the_image_covers_it_and_changes_the_probability(page):
    on_page, twin = shown(page, "gradcam"), make("gradcam")
    on_page.reset(twin)
    row, column, height, width = shapes()[3][0] / 32
    start = column + 0.1 * width, row + 0.1 * height
    end = column + 0.9 * width, row + 0.9 * height
    first, last = on_page.places("image", [start, end])
    page.mouse.move(*first)
    page.mouse.down()
    page.mouse.move(*last, steps=10)
    page.mouse.up()
    on_page.settle()
    screenshot(page, "lab-gradcam-covered")
    covered = re.search(r"covered squares: (.+?)\. ", on_page.alt)[1]
    squares = [tuple(map(int, re.findall(r"\d+", text))) for text in covered.split(") ")]
    (x0, y0), (x1, y1) = ((int(8 * x), int(8 * y)) for x, y in (start, end))
    assert {(y0, x0), (y1, x1)} <= set(squares)

    model, x, y, _ = shapes()
    image = x[0].copy()
    for r, c in squares:
        image[4 * r : 4 * r + 4, 4 * c : 4 * c + 4] = np.median(x[0], axis=(0, 1))
    p = softmax(model(np.stack([image, x[0]])))[:, y[0]]
    assert numbers(on_page.caption)[:2] == pytest.approx(p, abs=6e-4)
    assert p[0] != pytest.approx(p[1], abs=1e-3)

    on_page.press("image", "Delete")
    on_page.settle()
    assert "covered squares: none" in on_page.alt
    on_page.root.get_by_label("Map", exact=True).select_option("occlusion")
    on_page.wait_for("alt", "Beside it occlusion")


def test_adversarial_the_slider_gives_the_librarys_step(page):
    on_page = shown(page, "adversarial")
    on_page.reset(make("adversarial"))
    slider = on_page.root.get_by_role("slider", name="Strength", exact=True)
    for _ in range(5):
        slider.press("ArrowRight")
    on_page.wait_for("caption", "Strength 5 of 255")
    screenshot(page, "lab-adversarial-stepped")
    model, x, y, _ = shapes()
    limits = float(x.min()), float(x.max())
    strength = 5 / 255 * (limits[1] - limits[0])
    p = softmax(model(sign_step(model, x[:1], y[:1], strength, limits)))[0]
    shown_p = numbers(on_page.alt.split("Probabilities:")[1])[: len(p)]
    assert shown_p == pytest.approx(p, abs=6e-4)


def draw(page, on_page, digit, size, left, top):
    """Draw a digit with the mouse, ``size`` of the pad high, its box's corner at (left, top)."""
    for stroke in DIGITS[digit]:
        places = on_page.places("pad", [(left + size * x, top + size * y) for x, y in stroke])
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=2)
        page.mouse.up()


def test_pad_digits_drawn_with_the_mouse_are_recognized(page):
    on_page = shown(page, "pad")
    wishes = [(0, 0.9, 0.05, 0.05), (1, 0.5, 0.45, 0.4), (2, 0.4, 0.55, 0.55)]
    wishes += [(3, 0.6, 0.05, 0.35), (7, 0.35, 0.6, 0.03)]
    read = []
    for digit, *where in wishes:
        on_page.root.get_by_role("button", name="Clear").click()
        on_page.wait_for("caption", "Draw")
        draw(page, on_page, digit, *where)
        on_page.settle()
        read.append(int(numbers(on_page.caption)[0]))
        probabilities = np.array(numbers(on_page.alt.split("Probabilities:")[1])).reshape(10, 2)
        size, left, top = where
        strokes = [[(left + size * x, top + size * y) for x, y in s] for s in DIGITS[digit]]
        image = as_mnist(strokes)[None, :, :, None] / np.float32(255) - np.float32(0.5)
        # The page's pointer moves by whole pixels, so the drawing is nearly this one.
        wanted = recording().model.predict(image.astype(np.float32))[0]
        assert probabilities[:, 1] == pytest.approx(wanted, abs=0.15)
    screenshot(page, f"{page.place.name}-pad-drawn")
    assert sum(a == b for a, (b, *_) in zip(read, wishes, strict=True)) >= 4


def test_live_training_starts_and_stops_by_key_and_resets_by_mouse(page):
    on_page, twin = shown(page, "live"), make("live")
    on_page.root.get_by_label("Pace").select_option("200 steps a second")
    first = on_page.frame
    on_page.push("Start")
    on_page.wait_until(r"/step \d\d\d/.test(root.querySelector('.sc-picture').alt)")
    on_page.push("Stop")
    on_page.wait_for("caption", "Stopped after step")
    screenshot(page, f"{page.place.name}-live-moved")
    step = int(numbers(on_page.caption)[0])
    assert 0 < step < 2000

    # The same training here, up to that step: the page shows its curves and its filters.
    twin.controls["pace"].value = "200 steps a second"
    twin._shown = 0.0

    def stop(batch):
        batch.model.stop_training = batch.step == step

    callbacks = [twin.on_batch_end, stop]
    twin.model.fit(twin.x, twin.y, callbacks=callbacks, verbose=False, **twin.options)
    twin._show_progress(status=on_page.caption, running=False)
    assert_same(on_page, twin)

    on_page.root.get_by_role("button", name="Reset", exact=True).click()
    on_page.wait_for("caption", "Press Start")
    on_page.wait_until("root.querySelector('.sc-picture').complete")
    assert on_page.frame == first


def test_bench_both_networks_are_trained_from_start_to_stop(page):
    on_page = shown(page, "bench")
    on_page.reset(make("bench"))
    on_page.root.get_by_label("Updates").select_option("3000")
    on_page.push("Start")
    on_page.wait_until("/test 0.*test 0/.test(root.querySelector('.sc-picture').alt)")
    on_page.press("right", "Delete")
    on_page.wait_for("caption", "Press Stop before you change a network.")
    on_page.push("Stop")
    on_page.wait_for("caption", "updates. Press Start to continue.")
    screenshot(page, f"{page.place.name}-bench-trained")
    updates = re.findall(r"(\d+) updates in", on_page.alt)
    assert len(updates) == 2
    assert 0 < int(updates[0]) < 3000
    assert abs(int(updates[0]) - int(updates[1])) <= 1
    on_page.press("left", "Delete")
    on_page.settle()
    assert "Left, layer 1 of 3: MaxPool2D" in on_page.caption
    assert on_page.alt.count("Not trained yet.") == 1
