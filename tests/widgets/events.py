"""Events as the page reports them."""

import re


def key(explorer, region, *names):
    """Press keys one after the other."""
    for name in names:
        send(explorer, kind="key", region=region, key=name)


def point(explorer, region, kind, fx, fy, **more):
    """Press, drag or hover at a place of a region, 0 to 1 each way."""
    grid = next(r for r in explorer.stage.regions if r["name"] == region)
    cell = {"row": int(fy * grid["rows"]), "column": int(fx * grid["columns"])}
    send(explorer, kind=kind, region=region, fx=fx, fy=fy, **cell, **more)


def send(explorer, **event):
    """Send an event; the explorer must take it without an error."""
    explorer._on_message(explorer.stage, {"events": [event]}, [])
    assert explorer.last_error is None


def numbers(text):
    """Return all numbers of a text."""
    return [float(word) for word in re.findall(r"-?\d+\.?\d*", text.replace("\N{MINUS SIGN}", "-"))]
