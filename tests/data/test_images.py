"""read_image: a digit from any picture, read by a network that has seen MNIST alone."""

import numpy as np
import pytest
from handwriting import STROKES, encoded, page, photo, photograph
from PIL import Image

from scratchcnn import (
    Adam,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPool2D,
    ReLU,
    Sequential,
    ShiftedBatches,
    load_mnist,
    load_mnist_test,
    read_image,
)
from scratchcnn.data.normalization import center_of_mass
from scratchcnn.data.strokes import as_mnist
from scratchcnn.schedules import cosine_decay

pytestmark = pytest.mark.slow


DIGITS = np.repeat(np.arange(10), 2)


def scaled(images):
    return np.asarray(images)[..., None].astype("float32") / 255 - 0.5


@pytest.fixture(scope="module")
def classify():
    """Return a function from images (N, 28, 28) to digits (N,): a network of two convolutions."""
    (x, y), _ = load_mnist()
    layers = [Conv2D(16, 3), ReLU(), MaxPool2D(2), Conv2D(32, 3), ReLU(), MaxPool2D(2)]
    model = Sequential([*layers, Flatten(), Dropout(0.5), Dense(10)], (28, 28, 1), seed=0)
    batches = ShiftedBatches(scaled(x), y, batch_size=32, pixels=2, seed=0)
    optimizer = Adam(cosine_decay(0.004, 4 * len(batches)))
    model.fit(batches, epochs=4, optimizer=optimizer, verbose=False)
    return lambda images: model.predict(scaled(images)).argmax(axis=1)


def recognized(classify, make):
    """Return how many of the twenty pictures ``make(number)`` are recognized."""
    return (classify([read_image(make(n)) for n in range(20)]) == DIGITS).sum()


def test_the_drawings_themselves_are_recognized(classify):
    assert (classify([as_mnist(strokes) for strokes in STROKES]) == DIGITS).sum() >= 18


KINDS = {
    "shadow, grain and blur": {},
    "much grain": {"grain": 0.07, "blur": 2},
    "a dark corner": {"shadow": 0.8, "pen": 0.3},
    "faint pencil": {"pen": 0.55, "grain": 0.02},
    "chalk on a board": {"paper": 0.15, "pen": 0.9, "shadow": 0.3},
    "clean": {"grain": 0, "shadow": 0, "blur": 0, "paper": 1, "pen": 0},
}


@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS)
def test_photographed_digits_are_recognized(options, classify):
    assert recognized(classify, lambda n: encoded(photo(n, **options))) >= 18


PAGES = {
    "a thin pen": {"pen": 0.03},
    "a thick marker": {"pen": 0.2},
    "small and in a corner": {"height": 0.2, "at": (0.2, 0.75)},
    "as high as the page": {"height": 0.94},
    "an icon": {"size": (64, 64), "height": 0.7, "pen": 0.12},
}


@pytest.mark.parametrize("options", PAGES.values(), ids=PAGES)
def test_size_place_and_pen_do_not_matter(options, classify):
    def make(n):
        return encoded(photograph(page(STROKES[n], seed=n, **options), blur=0.5, seed=n))

    assert recognized(classify, make) >= 18


def test_a_large_photograph_is_read_like_a_small_one(classify):
    large = {"size": (1800, 2400), "height": 0.3}
    images = [photograph(page(STROKES[n], seed=n, **large), seed=n) for n in (4, 10, 15)]
    found = classify([read_image(encoded(image, "JPEG")) for image in images])
    assert found.tolist() == [2, 5, 7]


FORMS = [
    ("PNG", "L"), ("PNG", "RGB"), ("PNG", "P"), ("PNG", "LA"), ("JPEG", "L"), ("JPEG", "RGB"),
    ("JPEG", "CMYK"), ("GIF", "P"), ("BMP", "RGB"), ("WEBP", "RGB"), ("TIFF", "L"),
]  # fmt: skip


@pytest.mark.parametrize(("form", "mode"), FORMS)
def test_every_format_and_mode_gives_the_same_digit(form, mode):
    expected = read_image(encoded(photo(4)))
    found = read_image(encoded(Image.fromarray(photo(4)).convert(mode), form))
    assert np.abs(found.astype(int) - expected).mean() < 3


def test_sixteen_bits_and_one_bit_are_read():
    pixels = photo(4)
    expected = read_image(encoded(pixels)).astype(int)
    deep = read_image(encoded(pixels.astype(np.uint16) * 257))
    flat = read_image(encoded(Image.fromarray(page(STROKES[4], seed=4) < 0.5)))
    assert np.abs(deep - expected).mean() < 3
    assert np.abs(flat - expected).mean() < 6


def painted(number, ink, paper):
    """Return a drawing in two colors, with the noise of a camera: uint8 (350, 280, 3)."""
    amount = page(STROKES[number], seed=number)[..., None]
    colors = np.array(paper) * (1 - amount) + np.array(ink) * amount
    noise = np.random.default_rng(number).normal(0, 5, colors.shape)
    return np.clip(colors + noise, 0, 255).astype(np.uint8)


COLORS = {
    "blue on cream": ((40, 60, 200), (250, 250, 235)),
    "yellow on white": ((255, 235, 60), (255, 255, 255)),
    "red on an equally bright green": ((220, 40, 40), (60, 120, 60)),
    "white on green": ((250, 250, 250), (20, 80, 40)),
}


@pytest.mark.parametrize(("ink", "paper"), COLORS.values(), ids=COLORS)
def test_ink_is_found_by_its_color(ink, paper, classify):
    assert recognized(classify, lambda n: encoded(painted(n, ink, paper), "JPEG")) >= 18


@pytest.mark.parametrize("level", [0, 110, 255])
def test_ink_on_nothing_is_found_whatever_its_brightness(level, classify):
    def make(n):
        pixels = np.full((350, 280, 4), level, np.uint8)
        pixels[..., 3] = page(STROKES[n], seed=n) * 255
        return encoded(pixels)

    assert recognized(classify, make) >= 18


@pytest.mark.parametrize(("tag", "turn"), [(3, "ROTATE_180"), (6, "ROTATE_90"), (8, "ROTATE_270")])
def test_exif_says_which_side_is_up(tag, turn):
    exif = Image.Exif()
    exif[0x112] = tag
    picture = Image.fromarray(photo(14))
    turned = encoded(picture.transpose(Image.Transpose[turn]), "JPEG", exif=exif, quality=95)
    upright = read_image(encoded(picture, "JPEG", quality=95))
    assert np.abs(read_image(turned).astype(int) - upright).mean() < 3


def test_specks_a_desk_and_the_edge_of_a_shadow_are_no_ink():
    pixels = photo(10)
    expected = read_image(encoded(pixels)).astype(int)
    rng = np.random.default_rng(0)
    specks = pixels.copy()
    for row, column in rng.integers(0, 270, (40, 2)):
        specks[row : row + 4, column : column + 4] = 30
    desk = pixels.copy()
    desk[:, :40] = desk[320:] = 50
    shadow = (pixels * np.where(np.arange(280) < 130, 0.6, 1)).astype(np.uint8)
    for changed in (specks, desk, shadow):
        assert np.abs(read_image(encoded(changed)) - expected).mean() < 4


def test_mnists_own_digits_in_photographs_are_recognized_as_well_as_themselves(classify):
    x, y = load_mnist_test(100)

    def pasted(number):
        rng = np.random.default_rng(number)
        ink = np.zeros((300, 400))
        large = Image.fromarray(x[number]).resize((168, 168), Image.Resampling.BICUBIC)
        row, column = rng.integers(0, 130), rng.integers(0, 230)
        ink[row : row + 168, column : column + 168] = np.asarray(large) / 255
        return encoded(photograph(ink, seed=number), "JPEG", quality=90)

    originals = (classify(x) == y).mean()
    assert (classify([read_image(pasted(n)) for n in range(100)]) == y).mean() > originals - 0.03
    for made in (x, 255 - x):
        assert (classify([read_image(encoded(each)) for each in made]) == y).mean() > (
            originals - 0.02
        )


def test_the_result_has_mnists_form():
    for number in range(0, 20, 3):
        image = read_image(encoded(photo(number)))
        assert (image.shape, image.dtype) == ((28, 28), np.uint8)
        assert center_of_mass(image) == pytest.approx((14, 14), abs=0.1)
        ink = image > 64
        extent = max(np.ptp(np.flatnonzero(ink.any(axis=axis))) + 1 for axis in (0, 1))
        assert extent in (19, 20, 21)
        assert image.max() > 200


def test_a_drawing_and_its_photograph_look_alike_to_a_network():
    for number in range(20):
        drawn, read = as_mnist(STROKES[number]) / 255, read_image(encoded(photo(number))) / 255
        assert np.corrcoef(drawn.ravel(), read.ravel())[0, 1] > 0.85
