"""ArchitectureExplorer: build two networks layer by layer, and train them side by side."""

import time
from dataclasses import replace
from typing import Any, ClassVar

from scratchcnn._utils.validation import check_seed
from scratchcnn.optimizers import SGD, Optimizer
from scratchcnn.widgets.background import Steps
from scratchcnn.widgets.base import STILL_SCALE, Event
from scratchcnn.widgets.bench_keys import by_key
from scratchcnn.widgets.bench_layers import LayerChoice, settings_of
from scratchcnn.widgets.bench_panels import (
    HEIGHT,
    WIDTH,
    draw_field,
    draw_kinds,
    draw_network,
    draw_result,
    draw_settings,
    kind_at,
    lines_of,
    row_at,
    setting_at,
)
from scratchcnn.widgets.bench_report import Network, Report, report
from scratchcnn.widgets.bench_state import (
    READY,
    SIDES,
    BenchState,
    Result,
    add,
    choose,
    choose_setting,
    consistent,
    edit,
    remembered,
    step,
    undo,
)
from scratchcnn.widgets.bench_training import Examples, Runner, examples, train
from scratchcnn.widgets.bench_views import NETWORKS
from scratchcnn.widgets.bench_words import bench_alt, chosen_words, problem_words
from scratchcnn.widgets.controls import button, choice
from scratchcnn.widgets.frames import Canvas, Frame
from scratchcnn.widgets.trainer import Trainer
from scratchcnn.widgets.views import Codec

SECONDS_PER_FRAME = 0.15
LONGEST_REHEARSAL = 1.5  # seconds
UPDATES = (100, 300, 1000, 3000)
OPTIMIZER = SGD(0.02, momentum=0.9)


def first_networks(classes: int) -> tuple[Network, Network]:
    """Return the network of lesson 06, and one with two convolutions."""
    scores = LayerChoice("Dense", units=classes)
    relu, pool, flatten = (LayerChoice(kind) for kind in ("ReLU", "MaxPool2D", "Flatten"))
    left = (LayerChoice("Conv2D", bias="no"), pool, flatten, scores)
    second = LayerChoice("Conv2D", filters=16)
    right = (LayerChoice("Conv2D"), relu, pool, second, relu, flatten, scores)
    return left, right


def averaged(network: Network) -> Network:
    """Return the network with the mean of each map in place of all its numbers.

    For large images with many classes: their last layer would have too many parameters.
    """
    mean = LayerChoice("GlobalAvgPool2D")
    return tuple(mean if layer.kind == "Flatten" else layer for layer in network)


class ArchitectureExplorer(Trainer):
    """Build two networks, see at once what they will cost, and train them side by side.

    Add, change and remove layers by mouse or by key: every layer's output, parameters and
    receptive field (its size, and its stride in pixels of the image) change with them. A network
    that is impossible says so at the layer that fails. Start trains both on the same images, with
    the same number of updates, from first weights with the same seed; Stop answers at once, and
    Start then continues.

    Parameters
    ----------
    x, y : ndarray (N, H, W) or (N, H, W, C), (N,), optional
        Images of 8 to 256 pixels each way, and their classes, from 0. Whole numbers are scaled from
        0 .. 255 to -0.5 .. 0.5. By default 1,000 digits of `load_mnist`.
    test_data : (x, y), optional
        Images and labels to test the networks on while they are trained; by default the last fifth
        of those in ``x``, which are then not trained on.
    optimizer : Optimizer
        Each network gets a copy.
    seed : int
        Seeds the first weights and the order of the images.
    """

    not_in_views = ("results", "running", "status", "note", "past")
    view_codecs: ClassVar[dict[str, Codec]] = {"networks": NETWORKS}

    def __init__(
        self,
        x: object = None,
        y: object = None,
        test_data: tuple[object, object] | None = None,
        optimizer: Optimizer = OPTIMIZER,
        seed: int = 0,
    ) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"optimizer is {optimizer!r}, expected one such as SGD(0.01)")
        self.data: Examples = examples(x, y, test_data)
        networks = first_networks(self.data.classes)
        left, right = (
            network if self._report(network).problem is None else averaged(network)
            for network in networks
        )
        self.optimizer, self.seed = optimizer, check_seed(seed)
        self.runners: list[Runner] = []
        self._rehearsed: tuple[Network, Network] | None = None  # what the stored picture shows
        self._rehearsal = Result(), Result()
        self._shown = 0.0  # when the last frame of the training was drawn
        controls = {
            "updates": choice("Updates", UPDATES, "How many updates each network gets", "160px")
        }
        back = button("Undo", "Undo the last change of a network", self.undo)
        reset = button("Reset", "Stop, and go back to the first networks", self.reset)
        words = "Train both networks, or continue"
        super().__init__(BenchState((left, right)), controls, words, [back, reset])

    def report(self, side: int, state: BenchState | None = None) -> Report:
        """Return what is known about the left (0) or the right (1) network."""
        return self._report((state or self.state).networks[side])

    def _report(self, network: Network) -> Report:
        data = self.data
        return report(network, data.x.shape[1:], data.classes, data.batch_size)

    def draw(self, state: BenchState, scale: int = 1) -> Frame:
        """Draw the layers to add, the chosen layer's settings, both networks, their accuracies."""
        canvas = Canvas(WIDTH, HEIGHT, scale)
        reports = self.report(0, state), self.report(1, state)
        regions = [draw_kinds(canvas, state), draw_settings(canvas, state)]
        draw_field(canvas, self.data.x[0], state, reports[state.side])
        for side in (0, 1):
            regions.append(draw_network(canvas, state, side, reports[side]))
            draw_result(canvas, state, side)
        ready = all(found.problem is None for found in reports)
        status = state.note or (state.status if ready or state.status != READY else "")
        return Frame(
            canvas.picture,
            alt=bench_alt(state, reports, self.data.x.shape[1:], self.data.classes),
            caption=f"{chosen_words(state, reports[state.side])} {status}".strip(),
            regions=regions,
        )

    def still(self) -> Frame:
        """Return the picture to store: of a whole training, if there has been none yet."""
        state = self.state
        if not any(result.updates for result in state.results) and not self.problems():
            if self._rehearsed != state.networks:
                self._rehearsed, self._rehearsal = state.networks, self._rehearse(state.updates)
            state = replace(state, results=self._rehearsal)
        return self.draw(state, STILL_SCALE)

    def adjust(self, old: BenchState, new: BenchState) -> BenchState:
        """Keep the chosen rows and the setting among those that there are."""
        return consistent(new)

    def restore(self, fields: dict[str, Any]) -> BenchState:
        """Return the state of a view: its networks, not yet trained."""
        past = remembered(self.state)
        # What does not fit is refused here, before the training is given up for it.
        state = consistent(replace(self.first_state, past=past, **fields))
        self.stop_for_view()
        self._clear()
        return state

    def handle(self, state: BenchState, event: Event) -> BenchState:
        """Follow the pointer and the keys on layers, settings and networks."""
        region, classes = event["region"], self.data.classes
        state = replace(state, note="")
        if event["kind"] == "key":
            return by_key(state, region, event["key"], classes)
        if event["kind"] != "press":
            return state
        if region == "layers":
            return edit(state, lambda state: add(state, kind_at(event["fx"]), classes))
        if region == "settings":
            if state.layer is None:
                return state
            setting, by = setting_at(event["fx"], len(settings_of(state.layer)))
            state = choose_setting(state, setting)
            return edit(state, lambda state: step(state, by, classes)) if by else state
        side = SIDES.index(region)
        lines = lines_of(self.report(side, state), len(state.networks[side]))
        return choose(state, side, row_at(event["fy"], lines))

    def problems(self) -> list[str]:
        """Return what keeps the networks from being trained, in words."""
        found = [self.report(side).problem for side in (0, 1)]
        return [
            f"{side.capitalize()}: {problem_words(problem)}"
            for side, problem in zip(SIDES, found, strict=True)
            if problem is not None
        ]

    def undo(self) -> None:
        """Undo the last change of a network."""
        self.change(lambda state: edit(state, undo))

    def reset(self) -> None:
        """Stop, and go back to the first networks."""
        self.background.stop(self._clear)
        self.background.stop(super().reset)

    def release(self) -> None:
        """Stop the training."""
        self.background.stop(self._clear)

    def _begin(self) -> bool:
        if problems := self.problems():
            said = self.report(self.state.side).problem is not None  # by the words before the note
            self.set(note="Fix this first, then press Start." if said else problems[0])
            return False
        if not self._can_go_on():
            self._clear()
            self.runners = self._new_runners()
        if self.state.note:
            self.set(note="")
        return True

    def _new_runners(self) -> list[Runner]:
        return [
            Runner(network, self.data, self.optimizer, self.seed) for network in self.state.networks
        ]

    def _can_go_on(self) -> bool:
        """Whether the networks on the bench have begun, and have updates or a test left."""
        updates = self.state.updates
        return [runner.network for runner in self.runners] == list(self.state.networks) and any(
            (runner.made < updates and not runner.ended) or runner.is_due(updates)
            for runner in self.runners
        )

    def _train(self) -> Steps:
        """Train in turns: a step is an update, or a test on a few images."""
        self._shown = time.perf_counter()
        for wait in train(self.runners, lambda: self.state.updates):
            yield wait
            if self.background.stopping:
                break
            if time.perf_counter() - self._shown > SECONDS_PER_FRAME:
                self._shown = time.perf_counter()
                self._show_progress()

    def _ending(self, stopped: bool) -> str:
        if stopped:
            made = max(runner.made for runner in self.runners)
            return f"Stopped after {made} updates. Press Start to continue."
        test_images = f"{len(self.data.test_y)} test images"
        parts = [
            f"The {name} network's loss became infinite."
            if runner.ended
            else f"The {name} network reads {runner.result().testing[1][-1]:.1%} of the "
            f"{test_images} correctly."
            for name, runner in zip(SIDES, self.runners, strict=True)
        ]
        return " ".join(["Done.", *parts])

    def _broken_off(self) -> None:
        self._clear()  # an update may be half made

    def _progress(self) -> dict[str, Any]:
        left, right = (runner.result() for runner in self.runners)
        note = self.state.note if self.background.running else ""
        return {"results": (left, right), "note": note}

    def _rehearse(self, updates: int) -> tuple[Result, Result]:
        """Return the results of a training, which takes a few seconds at most."""
        runners, end = self._new_runners(), time.perf_counter() + LONGEST_REHEARSAL
        for _ in train(runners, lambda: updates):
            if time.perf_counter() > end:
                break
        left, right = (runner.result() for runner in runners)
        for runner in runners:
            runner.close()
        return left, right

    def _clear(self) -> None:
        for runner in self.runners:
            runner.close()
        self.runners = []
