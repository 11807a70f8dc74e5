"""Events as the page reports them."""

import asyncio
import functools
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


def in_event_loop(doing):
    """Return a function that runs the coroutine to its end, as a kernel or a browser does."""

    @functools.wraps(doing)
    def done(*arguments, **options):
        return asyncio.run(doing(*arguments, **options))

    return done


def train(explorer, steps):
    """Start the training, and stop it after some steps."""
    end = explorer.run.step + steps
    original, step_by_step = explorer.run.note, explorer.run

    def note(batch):
        original(batch)
        explorer.background.stopping = step_by_step.step >= end

    explorer.run.note = note

    async def go():
        explorer.start()
        await explorer.background.wait()

    asyncio.run(go())
    explorer.run.note = original
