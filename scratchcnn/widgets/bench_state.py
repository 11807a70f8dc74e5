"""What the architecture bench shows, and how networks change: all of it can be undone."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from scratchcnn.widgets.bench_layers import KINDS, LayerChoice, changed, new_layer, settings_of
from scratchcnn.widgets.bench_report import Network
from scratchcnn.widgets.live_run import NOTHING, Points

MOST_LAYERS = 12  # of a network: more would not fit on the screen
MOST_UNDONE = 50  # changes that can be taken back
SIDES = ("left", "right")

Past = tuple[tuple[tuple[Network, Network], tuple[int, int]], ...]

READY = "Press Start to train both."


@dataclass(frozen=True, eq=False)
class Result:
    """How far the training of a network has come.

    Attributes
    ----------
    updates : int
        How many have been made.
    training, testing : (updates, values)
        Accuracy on the images of each update, in means; and on the test images.
    seconds : float
        What the updates took, without the tests.
    """

    updates: int = 0
    training: Points = NOTHING
    testing: Points = NOTHING
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class BenchState:
    """What the architecture bench shows.

    Attributes
    ----------
    networks : (left, right)
        A tuple of `LayerChoice` each, from the image up.
    side : {0, 1}
        The network that the keys change.
    rows : (left, right)
        The chosen row of each network: 0 is the image, 1 the first layer.
    setting : int
        Which setting of the chosen layer the keys change; 0 is its kind.
    kind : int
        The chosen entry in the list of layers to add.
    updates : int
        With how many updates each network is trained.
    results : (left, right)
        How far the training has come.
    running : bool
        Whether the networks are being trained right now.
    status : str
        How far the training is, in words.
    note : str
        What the last event has done, if that needs words.
    past : tuple
        Networks and rows before the last changes.
    """

    networks: tuple[Network, Network]
    side: int = 0
    rows: tuple[int, int] = (1, 1)
    setting: int = 0
    kind: int = 0
    updates: int = 300
    results: tuple[Result, Result] = (Result(), Result())
    running: bool = False
    status: str = READY
    note: str = ""
    past: Past = ()

    @property
    def network(self) -> Network:
        """The network that the keys change."""
        return self.networks[self.side]

    @property
    def row(self) -> int:
        """The chosen row of that network."""
        return self.rows[self.side]

    @property
    def layer(self) -> LayerChoice | None:
        """The chosen layer; None if it is the image."""
        return self.network[self.row - 1] if self.row else None


def choose(state: BenchState, side: int, row: int) -> BenchState:
    """Choose a row of a network, as near as there is one."""
    row = min(max(row, 0), len(state.networks[side]))
    setting = state.setting if (side, row) == (state.side, state.row) else 0
    rows = _with(state.rows, side, row)
    return _within(replace(state, side=side, rows=rows, setting=setting))


def choose_setting(state: BenchState, setting: int) -> BenchState:
    """Choose a setting of the chosen layer, as near as there is one."""
    return _within(replace(state, setting=setting))


def add(state: BenchState, kind: int, classes: int) -> BenchState:
    """Add a layer below the chosen row, and choose it."""
    if len(state.network) == MOST_LAYERS:
        return replace(state, note=f"A network here has at most {MOST_LAYERS} layers.")
    row, layer = state.row, new_layer(KINDS[kind], classes)
    network = (*state.network[:row], layer, *state.network[row:])
    state = replace(state, kind=kind)
    return _edited(state, network, row + 1)


def remove(state: BenchState) -> BenchState:
    """Remove the chosen layer, and choose the one above it."""
    row, layer = state.row, state.layer
    if layer is None:
        return replace(state, note="This is the image: choose a layer to remove.")
    network = state.network[: row - 1] + state.network[row:]
    # With the first layer gone, the next one has its place.
    place = max(row - 1, min(1, len(network)))
    return _edited(state, network, place, f"Removed {layer.kind}.")


def step(state: BenchState, by: int, classes: int) -> BenchState:
    """Change the chosen setting of the chosen layer by a step."""
    row, layer = state.row, state.layer
    if layer is None:
        return replace(state, note="This is the image: choose a layer to change.")
    new = changed(layer, settings_of(layer)[state.setting], by, classes)
    if new == layer:
        return replace(state, note="There is no further step.")
    network = (*state.network[: row - 1], new, *state.network[row:])
    return _edited(state, network, row)


def undo(state: BenchState) -> BenchState:
    """Take the last change back."""
    if not state.past:
        return replace(state, note="There is nothing to undo.")
    networks, rows = state.past[-1]
    changed_side = next((k for k in (0, 1) if networks[k] != state.networks[k]), state.side)
    undone = replace(state, side=changed_side, rows=rows, past=state.past[:-1])
    return _within(replace(_with_networks(undone, networks), note="Undone."))


def edit(state: BenchState, change: Callable[[BenchState], BenchState]) -> BenchState:
    """Change a network, unless it is being trained."""
    if state.running:
        return replace(state, note="Press Stop before you change a network.")
    return change(state)


def remembered(state: BenchState) -> Past:
    """Return the past with the state's own networks as the newest."""
    return (*state.past, (state.networks, state.rows))[-MOST_UNDONE:]


def consistent(state: BenchState) -> BenchState:
    """Return the state with rows and a setting that there are, or raise ValueError."""
    if state.side not in (0, 1) or state.kind not in range(len(KINDS)):
        raise ValueError(f"side={state.side}, kind={state.kind}: there is no such network or layer")
    left, right = (
        min(max(row, 0), len(network))
        for row, network in zip(state.rows, state.networks, strict=True)
    )
    return _within(replace(state, rows=(left, right)))


def _edited(state: BenchState, network: Network, row: int, note: str = "") -> BenchState:
    past = remembered(state)
    networks = _with(state.networks, state.side, network)
    rows = _with(state.rows, state.side, row)
    setting = state.setting if row == state.row else 0
    state = replace(_with_networks(state, networks), past=past, rows=rows, setting=setting)
    return _within(replace(state, note=note))


def _with_networks(state: BenchState, networks: tuple[Network, Network]) -> BenchState:
    """Return the state with these networks; what is no longer true of them is forgotten."""
    same = [old == new for old, new in zip(state.networks, networks, strict=True)]
    left, right = (
        result if kept else Result() for result, kept in zip(state.results, same, strict=True)
    )
    return replace(state, networks=networks, results=(left, right), status=READY)


def _within(state: BenchState) -> BenchState:
    """Return the state with a setting that the chosen layer has."""
    last = len(settings_of(state.layer)) - 1 if state.layer else 0
    return replace(state, setting=min(max(state.setting, 0), last))


def _with(pair: tuple, side: int, value: object) -> tuple:
    """Return a pair with one of its two values replaced."""
    return (value, pair[1]) if side == 0 else (pair[0], value)
