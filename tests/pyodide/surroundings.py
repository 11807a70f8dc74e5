"""What a browser's Python lacks or does in another way: threads, interrupts, bars, waiting."""

import asyncio
import contextlib
import importlib.util
import io
import signal
import sys
import threading
import time

import numpy as np
from learning import course_network, digits, dropout_network, train


def check_import():
    """Import the library, and every public name that needs nothing but NumPy."""
    begin = time.perf_counter()
    import scratchcnn
    from scratchcnn import Sequential  # noqa: F401

    seconds = time.perf_counter() - begin
    for name in scratchcnn.__all__:
        if name not in ("plots", "widgets"):
            getattr(scratchcnn, name)
    return {"seconds": seconds}


def check_door():
    """Ask for the fast executor: a browser has it as well."""
    from scratchcnn.training import executor

    x, y = digits(100)
    with executor(course_network(), x, y) as learning, executor(course_network(), x) as answering:
        return {"executors": [type(learning).__name__, type(answering).__name__]}


def check_threads():
    """Ask for two threads, as if BLAS could be kept to one core; a browser has none."""
    from scratchcnn.fast import workers

    try:
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()
        can_start = True
    except RuntimeError:
        can_start = False
    count, before = workers.cores(), (workers.cores, workers.products_on_one_core)
    workers.cores = lambda: 2
    workers.products_on_one_core = lambda: contextlib.nullcontext(True)
    try:
        return {"can_start": can_start, "cores": count, **train(dropout_network(), 133, 128)}
    finally:
        workers.cores, workers.products_on_one_core = before


def check_with_extras(folder):
    """Train aloud once more, now with tqdm and threadpoolctl in a browser too."""
    from scratchcnn.fast import workers

    sys.path.append(folder)
    workers.blas.cache_clear()
    found = [name for name in ("tqdm", "threadpoolctl") if importlib.util.find_spec(name)]
    return {"found": found, **aloud()}


def aloud():
    """Train with a progress bar and lines; return the lines."""
    shown, bar = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(bar):
        course_network().fit(*digits(150), epochs=2, batch_size=70)
    return {"lines": shown.getvalue().splitlines(), "bar": bar.getvalue()[:2000]}


def check_interrupt():
    """Send an interrupt in the third update: that one is finished, and no other begins."""
    model, steps = course_network(), []

    def interrupt(end):
        steps.append(end.step)
        if end.step == 3:
            signal.raise_signal(signal.SIGINT)

    # Set here, because a program that runs in the background starts with interrupts ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        model.fit(*digits(20), batch_size=2, verbose=False, callbacks=[interrupt])
        raised = False
    except KeyboardInterrupt:
        raised = True
    restored = signal.signal(signal.SIGINT, before) is signal.default_int_handler
    return {
        "raised": raised,
        "steps": steps,
        "restored": restored,
        "predictions": model.predict(digits(2)[0]).tolist(),
    }


async def check_training_in_a_task():
    """Train step by step in a task; another one, which runs meanwhile, stops it."""
    from scratchcnn import SGD, Training

    model, losses, ticks = course_network(), [], []
    training = Training(model, *digits(400), 3, 4, SGD(0.01))

    async def learn():
        for end in training:
            losses.append(end.loss)
            await asyncio.sleep(0)

    async def watch():
        while len(losses) < 25:
            ticks.append(len(losses))
            await asyncio.sleep(0)
        model.stop_training = True

    await asyncio.gather(learn(), watch())
    steps = len(losses)
    again = model.fit(*digits(8), batch_size=4, verbose=False)
    return {
        "losses": losses,
        "stopped_soon": 25 <= steps <= 27 < len(training),
        "watched": len(ticks) >= 20,
        "history": training.history.history,
        "finite": all(bool(np.isfinite(weight).all()) for weight in model.get_weights()),
        "again": again.history,
    }


def check_workbook():
    """Check all solutions of the workbook, and a function that never ends."""
    from scratchcnn.exercises.checking import examine
    from scratchcnn.exercises.declaration import EXERCISES

    def in_lines(x):
        while True:
            x = x + 1

    def in_one_line(x):
        return [0 for _ in iter(int, 1)]

    def without_end(x):
        return without_end(x)

    stopped = [examine(wrong, EXERCISES["relu"]) for wrong in (in_lines, in_one_line, without_end)]
    begin = time.perf_counter()
    passed = [name for name, each in EXERCISES.items() if examine(each.reference, each).passed]
    return {
        "passed": passed,
        "seconds": (time.perf_counter() - begin) / len(passed),
        "messages": [result.message for result in stopped],
    }


async def check_figure():
    """Draw a figure as a PNG; the first time, matplotlib looks for fonts, which it may not tell."""
    if sys.platform == "emscripten":
        from pyodide_js import loadPackage

        await loadPackage(["matplotlib", "pillow"], messageCallback=print)
    from scratchcnn import plots

    x, _ = digits(2)
    figure = plots.images([x[0, :, :, 0], x[1, :, :, 0]])
    return {"alt": figure.alt, "png": len(plots.to_png(figure))}


def check_speed():
    """Time 1,000 updates at batch 1; the seconds are reported, not tested."""
    from scratchcnn import SGD

    (x, y), model = digits(1000), course_network()
    begin = time.perf_counter()
    model.fit(x, y, batch_size=1, optimizer=SGD(0.01), verbose=False)
    return {"seconds": time.perf_counter() - begin, "loss": model.history.history["loss"][0]}
