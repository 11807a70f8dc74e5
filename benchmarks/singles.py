"""Single layers compared with the machine's limits (W5), and startup times (W6)."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial

import models
import numpy as np

from scratchcnn import Conv2D, Dense, Flatten, MaxPool2D, Sequential
from scratchcnn.fast.workers import products_on_one_core

# Each line of the grids varies one size and keeps the others fixed; images are square.
LAYER = {"images": 16, "image size": 28, "channels": 16, "filters": 32, "kernel size": 3}
LAYER_GRID = {
    "images": [1, 2, 4, 8, 16, 32, 64],
    "image size": [8, 14, 28, 56],
    "channels": [1, 4, 16, 64],
    "filters": [4, 8, 16, 32, 64],
    "kernel size": [1, 3, 5, 7],
}
EPOCH = {"images": 1024, "batch size": 32, "filters": 8, "kernel size": 3}
EPOCH_GRID = {
    "images": [256, 512, 1024, 2048, 4096],
    "batch size": [1, 4, 16, 64, 256, 1024],
    "filters": [4, 8, 16, 32, 64],
    "kernel size": [1, 3, 5, 7, 9],
}


def measure_growth() -> dict:
    """Return the machine's limits, and times over both grids with their log-log slopes."""
    result = {"limits": machine_limits()}
    with products_on_one_core():  # as the network runs its layers
        result["layers"] = over_grid(LAYER, LAYER_GRID, measure_layers)
    result["epochs"] = over_grid(EPOCH, EPOCH_GRID, measure_epoch)
    result["slopes"] = {
        name.removesuffix(", s"): {
            varied: slope([row for row in rows if row["varied"] == varied], name)
            for varied in dict.fromkeys(row["varied"] for row in rows)
        }
        for rows in (result["layers"], result["epochs"])
        for name in rows[0]
        if name.endswith(", s")
    }
    return result


def over_grid(base: dict, grid: dict, measure: Callable[..., dict]) -> list[dict]:
    """Return a row for each value of each size: the varied size, and the result of ``measure``."""
    return [
        {"varied": varied, "value": value} | measure(*(base | {varied: value}).values())
        for varied, values in grid.items()
        for value in values
    ]


def machine_limits() -> dict:
    """Return the best this machine can do: GFLOP/s in a product, GB/s in a copy."""
    a = np.ones((2048, 2048), np.float32)
    source = np.ones(2**24, np.float32)
    target = np.empty_like(source)
    on_all = min(call_times(lambda: a @ a, 7))
    with products_on_one_core():
        on_one = min(call_times(lambda: a @ a, 7))
    copy = min(call_times(lambda: np.copyto(target, source), 7))
    return {
        "gflops": 2 * 2048**3 / on_one / 1e9,
        "gflops, all cores": 2 * 2048**3 / on_all / 1e9,
        "gbytes": 2 * source.nbytes / copy / 1e9,
    }


def measure_layers(images: int, size: int, channels: int, filters: int, kernel: int) -> dict:
    """Time one convolution and one pooling, forward and backward."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((images, size, size, channels), dtype=np.float32)
    convolution, pooling = Conv2D(filters, kernel), MaxPool2D(2)
    convolution.build(x.shape[1:], rng)
    pooling.build(x.shape[1:], rng)
    y, pooled = convolution.forward(x), pooling.forward(x)
    dy, dpooled = np.ones_like(y), np.ones_like(pooled)
    # One multiplication and one addition for each weight of each window; backward does it twice.
    flops = 2 * y.size * kernel * kernel * channels
    forward = median_seconds(lambda: convolution.forward(x))
    backward = median_seconds(lambda: convolution.backward(dy))
    pool_forward = median_seconds(lambda: pooling.forward(x))
    pool_backward = median_seconds(lambda: pooling.backward(dpooled))
    return {
        "conv forward, s": forward,
        "conv backward, s": backward,
        "pool forward, s": pool_forward,
        "pool backward, s": pool_backward,
        "conv forward GFLOP/s": flops / forward / 1e9,
        "conv backward GFLOP/s": 2 * flops / backward / 1e9,
        # Pooling must at least read its input once and write its output once.
        "pool forward GB/s": (x.nbytes + pooled.nbytes) / pool_forward / 1e9,
        "pool backward GB/s": (x.nbytes + pooled.nbytes) / pool_backward / 1e9,
    }


def measure_epoch(images: int, batch_size: int, filters: int, kernel: int) -> dict:
    """Time an epoch of the course's network with this number and size of filters."""
    layers = [Conv2D(filters, kernel, use_bias=False), MaxPool2D(2), Flatten(), Dense(10)]
    model = Sequential(layers, input_shape=models.SHAPE)
    x, y = models.images(images)
    fit = partial(model.fit, x, y, batch_size=batch_size, shuffle=False, verbose=False)
    return {"epoch, s": median_seconds(fit, rounds=3)}


def slope(rows: list[dict], name: str) -> float:
    """Return the exponent with which the time called ``name`` grows with the varied size."""
    sizes, seconds = [row["value"] for row in rows], [row[name] for row in rows]
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def median_seconds(function: Callable[[], object], rounds: int = 7) -> float:
    """Return the median time of a call, after one to warm up."""
    return statistics.median(call_times(function, rounds))


def call_times(function: Callable[[], object], rounds: int) -> list[float]:
    """Return the seconds taken by each of ``rounds`` calls, after one to warm up."""
    function()
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - start)
    return seconds


FIGURE = """
import numpy as np
from scratchcnn import plots
plots.show(plots.images([np.eye(28)] * 8))
"""
WIDGET = """
from scratchcnn import load_mnist
from scratchcnn.widgets import FilterExplorer
FilterExplorer(load_mnist()[0][0][:10])
"""


def measure_startup(rounds: int) -> dict[str, float]:
    """Return median seconds from starting Python to each milestone."""
    programs = {
        "python": "",
        "import numpy": "import numpy",
        "import scratchcnn": "import scratchcnn",
        "first figure": FIGURE,
        "first widget": WIDGET,
    }
    # pip byte-compiles NumPy at installation; Python compiles this package on first import. If
    # that is switched off, it would be compiled again, and timed, every time.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    times = {name: [] for name in programs}
    for number in range(max(rounds, 5) + 1):
        for name, program in programs.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", program], check=True, env=environment)
            if number:  # the first round compiles, and fills the disk cache
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(seconds) for name, seconds in times.items()}
