"""The keys of the architecture bench."""

from dataclasses import replace

from scratchcnn.widgets.bench_layers import KINDS
from scratchcnn.widgets.bench_state import (
    SIDES,
    BenchState,
    add,
    choose,
    choose_setting,
    edit,
    remove,
    step,
    undo,
)

CHANGES = {"+": 1, "PageUp": 1, "-": -1, "PageDown": -1}
NUMBERS = {str(k + 1): k for k in range(len(KINDS))}


def by_key(state: BenchState, region: str, key: str, classes: int) -> BenchState:
    """Return the state after a key in one of the regions: "layers", "settings" or a side."""
    if region in SIDES and SIDES.index(region) != state.side:
        side = SIDES.index(region)
        state = choose(state, side, state.rows[side])
    if key in CHANGES:
        return edit(state, lambda state: step(state, CHANGES[key], classes))
    if key in NUMBERS or key in ("Enter", " "):
        kind = NUMBERS.get(key, state.kind)
        return edit(state, lambda state: add(state, kind, classes))
    if key in ("Delete", "Backspace"):
        return edit(state, remove)
    if key == "Escape":
        return edit(state, undo)
    return move(state, region, key)


def move(state: BenchState, region: str, key: str) -> BenchState:
    """Follow the arrow keys: up and down along the layers, left and right along the settings."""
    if key in ("ArrowLeft", "ArrowRight"):
        by = 1 if key == "ArrowRight" else -1
        if region == "layers":
            return replace(state, kind=min(max(state.kind + by, 0), len(KINDS) - 1))
        return choose_setting(state, state.setting + by)
    rows = {"ArrowUp": state.row - 1, "ArrowDown": state.row + 1}
    rows |= {"Home": 0, "End": len(state.network)}
    return choose(state, state.side, rows[key]) if key in rows else state
