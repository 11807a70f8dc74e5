"""TrainingScrubber: drag through a recorded training run."""

import copy
from dataclasses import dataclass, replace

import numpy as np

from scratchcnn._utils.protocols import Network
from scratchcnn._utils.validation import check_labels
from scratchcnn.callbacks import Recorder
from scratchcnn.losses import SoftmaxCrossEntropy
from scratchcnn.widgets.background import Background, Steps
from scratchcnn.widgets.base import Event, Explorer
from scratchcnn.widgets.colors import BLUE, GRAY, ORANGE, cell_size, number
from scratchcnn.widgets.controls import button, slider
from scratchcnn.widgets.frames import Canvas, Frame, Region
from scratchcnn.widgets.images import first_convolution, images_for_model
from scratchcnn.widgets.panels import (
    draw_confusion,
    draw_curves,
    draw_tiles,
    largest,
    scale_text,
    steps_text,
    top_of_axis,
)

WIDTH, HEIGHT = 800, 316
TILE, ACROSS, SHOWN = 56, 4, 8
CURVE = (286, 60, 220, 196)  # x, y, width, height
CONFUSION, CELL, ROOM = (560, 46), 23, 230  # x, y; the largest cell; room for the matrix
SECONDS_PER_FRAME = 0.1  # when the training is played as an animation


@dataclass(frozen=True)
class ScrubberState:
    """What the training scrubber shows.

    Attributes
    ----------
    snapshot : int
        Which snapshot.
    image : int
        Which image's feature maps.
    """

    snapshot: int = 0
    image: int = 0


@dataclass
class Score:
    """How a network does on the images.

    Attributes
    ----------
    loss, accuracy : float
    confusion : ndarray of int (K, K)
        Correct classes down, answers across.
    """

    loss: float
    accuracy: float
    confusion: np.ndarray


def score(model: Network, images: np.ndarray, labels: np.ndarray) -> Score:
    """Evaluate the network, and count its answers for each correct class."""
    # In chunks, as in `evaluate`, so that the data stays in the cache.
    chunks = np.array_split(images, -(-len(images) // 64))
    logits = np.concatenate([model.forward(chunk) for chunk in chunks])
    answers = logits.argmax(axis=1)
    confusion = np.zeros((model.num_classes, model.num_classes), int)
    np.add.at(confusion, (labels, answers), 1)
    loss = SoftmaxCrossEntropy().forward(logits, labels)
    return Score(loss, float((answers == labels).mean()), confusion)


class TrainingScrubber(Explorer):
    """Drag through a training run: kernels, feature maps, loss, and a confusion matrix.

    Parameters
    ----------
    recording : Recorder
        The callback with the recorded training.
    images, labels : ndarray (N, H, W, C), (N,)
        Images to test the network on at every snapshot, preferably ones it has not been
        trained on. A few hundred are enough and keep the scrubber fast.
    """

    def __init__(self, recording: Recorder, images: np.ndarray, labels: np.ndarray) -> None:
        model = recording.model
        self.images = images_for_model(images, model)
        self.labels = check_labels(labels, len(self.images), model.num_classes)
        self.model = copy.deepcopy(model)
        self._until = first_convolution(model) + 1
        self.snapshots = tuple(recording.snapshots)
        self.losses = recording.losses.points
        self.steps_per_point = recording.losses.values_per_mean
        self._scores: dict[int, Score] = {}
        last = len(self.snapshots) - 1
        controls = {
            "snapshot": slider("Snapshot", 0, last, "Which snapshot of the training", "330px"),
            "image": slider("Image", 0, len(self.images) - 1, "Whose feature maps", "230px"),
        }
        self.player = button("Play", "Play the training as a film, or pause it", self.play)
        super().__init__(ScrubberState(last), controls, [[self.player, *controls.values()]])
        self.background = Background(self._lock, self._ended)

    def draw(self, state: ScrubberState, scale: int = 1) -> Frame:
        """Draw kernels and feature maps, the loss with a cursor, and the confusion matrix."""
        snapshot = self.snapshots[state.snapshot]
        kernel, maps = self.look_inside(state)
        result = self.score(state.snapshot)
        canvas = Canvas(WIDTH, HEIGHT, scale)
        draw_kernels(canvas, kernel, maps, state.image)
        region = self._draw_loss(canvas, snapshot.step)
        x, y = CONFUSION
        canvas.text(x, 4, f"Accuracy {number(result.accuracy, 3)}", 14, ORANGE, bold=True)
        canvas.text(x, 24, "down: correct class; across: answer", 12, GRAY)
        cell = min(CELL, cell_size(result.confusion.shape, ROOM))
        draw_confusion(canvas, x, y, result.confusion, cell)
        return Frame(
            canvas.picture,
            alt=self._alt(state, kernel, maps, result),
            caption=(
                f"Step {snapshot.step}: loss {number(result.loss, 3)} and accuracy "
                f"{number(result.accuracy, 3)} on {len(self.images)} images"
            ),
            regions=[region],
        )

    def handle(self, state: ScrubberState, event: Event) -> ScrubberState:
        """Follow the pointer and the arrow keys along the loss."""
        place = state.snapshot
        if event["kind"] in ("press", "drag"):
            steps = [snapshot.step for snapshot in self.snapshots]
            place = int(np.abs(np.array(steps) - event["fx"] * steps[-1]).argmin())
        elif event["kind"] == "key":
            jumps = {"ArrowLeft": -1, "ArrowRight": 1, "PageDown": -10, "PageUp": 10}
            ends = {"Home": 0, "End": len(self.snapshots) - 1}
            place = ends.get(event["key"], place + jumps.get(event["key"], 0))
        return replace(state, snapshot=min(max(place, 0), len(self.snapshots) - 1))

    def look_inside(self, state: ScrubberState) -> tuple[np.ndarray, np.ndarray]:
        """Return the first convolution's kernels (KH, KW, F) and feature maps (OH, OW, F)."""
        self.model.set_weights(list(self.snapshots[state.snapshot].weights))
        maps = self.images[state.image : state.image + 1]
        for layer in self.model.layers[: self._until]:
            maps = layer.forward(maps)
        return layer.params["kernel"][:, :, 0].copy(), maps[0]

    def score(self, snapshot: int) -> Score:
        """Return this snapshot's score on the images; computed only once."""
        if snapshot not in self._scores:
            self.model.set_weights(list(self.snapshots[snapshot].weights))
            self._scores[snapshot] = score(self.model, self.images, self.labels)
        return self._scores[snapshot]

    def play(self) -> None:
        """Play the training as an animation (from the start if it is at the end), or pause it."""
        with self._lock:
            if self.background.running:
                self.background.stop()
                return
            if self.state.snapshot == len(self.snapshots) - 1:
                self.set(snapshot=0)
            self.player.description = "Pause"
            self.background.start(self._film())

    def release(self) -> None:
        """Stop the animation."""
        self.background.stop()

    def _film(self) -> Steps:
        """Show one snapshot after the other."""
        forward = {"kind": "key", "region": "loss", "key": "ArrowRight"}
        last = len(self.snapshots) - 1
        while self.state.snapshot < last:
            yield SECONDS_PER_FRAME
            if self.background.stopping:
                break
            self.change(lambda state: self.handle(state, forward))

    def _ended(self, _: BaseException | None) -> None:
        self.player.description = "Play"

    def _draw_loss(self, canvas: Canvas, step: int) -> Region:
        x, y, width, height = CURVE
        xs, losses = self.losses
        canvas.text(x - 20, 4, f"Step {step}", 14, ORANGE, bold=True)
        canvas.text(x - 20, 24, f"loss {steps_text(self.steps_per_point)}", 12, GRAY)
        ends = (0, self.snapshots[-1].step)
        y_range = (0, top_of_axis(losses))
        draw_curves(canvas, CURVE, [(xs, losses, BLUE)], ends, y_range, "step", step)
        label = "Loss. Drag the cursor, or move it with the left and right arrow keys."
        return Region(
            "loss", label, x, y, width, height, 1, len(self.snapshots), cursor="ew-resize"
        )

    def _alt(
        self, state: ScrubberState, kernel: np.ndarray, maps: np.ndarray, result: Score
    ) -> str:
        snapshot = self.snapshots[state.snapshot]
        correct = np.diag(result.confusion)
        rows = ", ".join(
            f"{k}: {correct[k]} of {row.sum()}" for k, row in enumerate(result.confusion)
        )
        return (
            f"The network after step {snapshot.step} of {self.snapshots[-1].step}: "
            f"{kernel.shape[2]} kernels with weights up to {number(largest(kernel), 3)} in size, "
            f"their feature maps of image {state.image} up to {number(largest(maps), 3)}, the "
            f"loss curve, and the confusion matrix; correct answers by class: {rows}."
        )


def draw_kernels(canvas: Canvas, kernel: np.ndarray, maps: np.ndarray, image: int) -> None:
    """Draw the first kernels, with their feature maps of the image below."""
    total = kernel.shape[2]
    count = f", {SHOWN} of {total}" if total > SHOWN else ""
    limit = largest(kernel)
    canvas.text(0, 4, f"Kernels{count}", bold=True)
    canvas.text(0, 22, scale_text(limit), 12, GRAY)
    draw_tiles(canvas, 1, 40, kernel, limit, ACROSS, TILE, SHOWN)
    limit = largest(maps)
    y = 40 + 2 * TILE + 8
    canvas.text(0, y, f"Feature maps of image {image}", bold=True)
    canvas.text(0, y + 18, scale_text(limit), 12, GRAY)
    draw_tiles(canvas, 1, y + 36, maps, limit, ACROSS, TILE, SHOWN)
