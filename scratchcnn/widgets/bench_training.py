"""Two networks trained on the same images, in turns: an update of one, an update of the other."""

import copy
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from scratchcnn._utils.bounded_means import BoundedMeans
from scratchcnn._utils.checkpoint import DivergenceError
from scratchcnn._utils.validation import as_numbers, check_labels
from scratchcnn.data.mnist import load_mnist
from scratchcnn.network import Sequential
from scratchcnn.optimizers import Optimizer
from scratchcnn.training import Training
from scratchcnn.widgets.background import Steps
from scratchcnn.widgets.bench_layers import MOST_CLASSES, library_layer
from scratchcnn.widgets.bench_report import Network
from scratchcnn.widgets.bench_state import Result
from scratchcnn.widgets.live_run import IMAGES_PER_POINT, MOST_POINTS

TRAINING_IMAGES, TEST_IMAGES = 1_000, 500  # of MNIST, by default
TESTS = 12  # while a network is trained
FOREVER = 1_000_000  # epochs: it is the updates that are counted
SMALLEST, LARGEST = 8, 256  # sides of an image, in pixels
USUAL_PIXELS, USUAL_BATCH = 32 * 32, 32  # updates of larger images take fewer of them


@dataclass(frozen=True, eq=False)
class Examples:
    """Images (N, H, W, C) and labels (N,) to train with, and others to test with."""

    x: np.ndarray
    y: np.ndarray
    test_x: np.ndarray
    test_y: np.ndarray
    classes: int

    @property
    def batch_size(self) -> int:
        """How many images an update takes, so that it is over soon with large images too."""
        height, width = self.x.shape[1:3]
        return min(max(USUAL_BATCH * USUAL_PIXELS // (height * width), 2), USUAL_BATCH)


def examples(
    x: object = None, y: object = None, test_data: tuple[object, object] | None = None
) -> Examples:
    """Return the data to train and test with, checked and scaled; by default MNIST's.

    Without ``test_data``, the last fifth of the images is kept for testing.
    """
    if (x is None) != (y is None):
        raise ValueError("x and y belong together: give both, or neither for the digits of MNIST")
    if x is None:
        (images, labels), (test_images, test_labels) = load_mnist()
        x, y = images[:TRAINING_IMAGES], labels[:TRAINING_IMAGES]
        if test_data is None:
            test_data = test_images[:TEST_IMAGES], test_labels[:TEST_IMAGES]
    x = as_network_images(x, "x")
    if test_data is None and len(x) < 5:
        raise ValueError(f"x has {len(x)} images, expected at least 5, or test_data")
    y = check_labels(y, len(x), MOST_CLASSES)
    classes = int(y.max()) + 1
    if classes < 2:
        raise ValueError("y has one class, expected at least 2")
    if test_data is None:
        end = len(x) - len(x) // 5
        return Examples(x[:end], y[:end], x[end:], y[end:], classes)
    if not isinstance(test_data, list | tuple) or len(test_data) != 2:
        raise ValueError("test_data is not a pair of images and labels, such as (x_test, y_test)")
    test_x = as_network_images(test_data[0], "test_data")
    if test_x.shape[1:] != x.shape[1:]:
        raise ValueError(f"test_data has images {test_x.shape[1:]}, expected {x.shape[1:]} as in x")
    try:
        test_y = check_labels(test_data[1], len(test_x), classes)
    except (ValueError, TypeError) as error:
        raise type(error)(f"in test_data, {error}") from None
    return Examples(x, y, test_x, test_y, classes)


def as_network_images(images: object, name: str) -> np.ndarray:
    """Return images as float32 (N, H, W, C); whole numbers 0 .. 255 are scaled to -0.5 .. 0.5."""
    array = as_numbers(images, None, name)
    scaled = array / np.float32(255) - np.float32(0.5) if array.dtype.kind in "iu" else array
    if scaled.ndim == 3:
        scaled = scaled[:, :, :, None]  # (N, H, W) -> (N, H, W, 1)
    sides = scaled.shape[1:3]
    if scaled.ndim != 4 or not len(scaled) or min(sides) < SMALLEST or max(sides) > LARGEST:
        raise ValueError(
            f"{name} has shape {array.shape}, expected images (N, H, W) or (N, H, W, C) of "
            f"{SMALLEST} to {LARGEST} pixels each way"
        )
    if not np.isfinite(scaled).all():
        raise ValueError(f"{name} holds NaN or infinite pixels, expected finite ones")
    return scaled.astype(np.float32)


class Runner:
    """A network in training, update by update.

    Attributes
    ----------
    network : tuple of LayerChoice
        What was on the bench when it began.
    made : int
        How many updates have been made.
    ended : bool
        Whether its loss has become infinite, so that there can be no more.
    """

    def __init__(self, network: Network, data: Examples, optimizer: Optimizer, seed: int) -> None:
        self.network, self.data = network, data
        layers = [library_layer(layer) for layer in network]
        self.model = Sequential(layers, data.x.shape[1:], seed)
        own = copy.deepcopy(optimizer)
        self._steps = iter(
            Training(self.model, data.x, data.y, FOREVER, data.batch_size, optimizer=own)
        )
        self.made, self.seconds, self.ended = 0, 0.0, False
        self._training = BoundedMeans(MOST_POINTS, -(-IMAGES_PER_POINT // data.batch_size))
        self._tests: list[tuple[int, float]] = []

    def update(self) -> None:
        """Make an update."""
        if self.ended:
            return
        start = time.perf_counter()
        try:
            with quiet():
                end = next(self._steps)
        except DivergenceError:
            self.ended = True
            return
        self.seconds += time.perf_counter() - start
        self.made += 1
        self._training.append(end.accuracy)

    def test(self) -> Iterator[None]:
        """Test the network on a few images at a time, and note how many answers are right."""
        replica, right, total = self.model.replica(), 0, len(self.data.test_y)
        for start in range(0, total, self.data.batch_size):
            some = slice(start, start + self.data.batch_size)
            with quiet():
                answers = replica.forward(self.data.test_x[some]).argmax(axis=1)
            right += int((answers == self.data.test_y[some]).sum())
            yield
        self._tests.append((self.made, right / total))

    def is_due(self, updates: int) -> bool:
        """Return whether it is to be tested now, if it makes so many updates in all."""
        every = max(updates // TESTS, 1)
        last = self._tests[-1][0] if self._tests else -1
        at_the_end = self.made > last and (self.ended or self.made >= updates)
        return at_the_end or self.made // every * every > last

    def result(self) -> Result:
        """Return how far it has come."""
        tests = np.array(self._tests).reshape(-1, 2)  # (T, 2), also if T is 0
        testing = tests[:, 0], tests[:, 1]
        return Result(self.made, self._training.points, testing, self.seconds)

    def close(self) -> None:
        """Release what the training holds."""
        self._steps.close()  # type: ignore[attr-defined]


def quiet() -> np.errstate:
    """Return a context without warnings: a loss that becomes infinite is noticed in any case."""
    return np.errstate(over="ignore", invalid="ignore")


def train(runners: Sequence[Runner], updates: Callable[[], int]) -> Steps:
    """Train networks in turns until each has made ``updates()``, which may change meanwhile.

    Each is tested before, after and a few times in between.
    """
    yield from _test(runners, updates)
    made = min((runner.made for runner in runners if not runner.ended), default=updates())
    while made < updates():
        for runner in runners:
            if runner.made == made:  # it may be one ahead, if the training was stopped between
                runner.update()
                yield 0.0
        made += 1
        yield from _test(runners, updates)


def _test(runners: Sequence[Runner], updates: Callable[[], int]) -> Steps:
    for runner in runners:
        if runner.is_due(updates()):
            for _ in runner.test():
                yield 0.0
