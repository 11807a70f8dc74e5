"""Single layers against the machine's limits (W5), and how long starting takes (W6)."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

from scratchcnn import Conv2D, MaxPool2D

# Each line of the grid varies one size and keeps the others; images are square.
BASE = {"images": 16, "size": 28, "channels": 16, "filters": 32, "kernel": 3}
GRID = {
    "images": [1, 2, 4, 8, 16, 32, 64],
    "size": [8, 14, 28, 56],
    "channels": [1, 4, 16, 64],
    "filters": [4, 8, 16, 32, 64],
    "kernel": [1, 3, 5, 7],
}


def measure_layers() -> dict:
    """Return the machine's limits, and GFLOP/s and GB/s of the layers over the grid."""
    rows = []
    for varied, values in GRID.items():
        for value in values:
            rows.append({"varied": varied, "value": value} | measure(**BASE | {varied: value}))
    slopes = {varied: slope([row for row in rows if row["varied"] == varied]) for varied in GRID}
    return {"limits": machine_limits(), "rows": rows, "slopes": slopes}


def machine_limits() -> dict:
    """Return what this machine reaches at best: GFLOP/s in a product, GB/s in a copy."""
    a = np.ones((2048, 2048), np.float32)
    source = np.ones(2**24, np.float32)
    target = np.empty_like(source)
    product = median_seconds(lambda: a @ a)
    copy = median_seconds(lambda: np.copyto(target, source))
    return {"gflops": 2 * 2048**3 / product / 1e9, "gbytes": 2 * source.nbytes / copy / 1e9}


def measure(images: int, size: int, channels: int, filters: int, kernel: int) -> dict:
    """Time one convolution and one pooling, forward and backward."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((images, size, size, channels), dtype=np.float32)
    convolution, pooling = Conv2D(filters, kernel), MaxPool2D(2)
    convolution.build(x.shape[1:], rng)
    pooling.build(x.shape[1:], rng)
    y, pooled = convolution.forward(x), pooling.forward(x)
    dy, dpooled = np.ones_like(y), np.ones_like(pooled)
    # A multiplication and an addition for each weight of each window; backward does it twice.
    flops = 2 * y.size * kernel * kernel * channels
    forward = median_seconds(lambda: convolution.forward(x))
    backward = median_seconds(lambda: convolution.backward(dy))
    pool_forward = median_seconds(lambda: pooling.forward(x))
    pool_backward = median_seconds(lambda: pooling.backward(dpooled))
    return {
        "seconds": forward + backward,
        "conv forward GFLOP/s": flops / forward / 1e9,
        "conv backward GFLOP/s": 2 * flops / backward / 1e9,
        # Pooling must at least read its input once and write its output once.
        "pool forward GB/s": (x.nbytes + pooled.nbytes) / pool_forward / 1e9,
        "pool backward GB/s": (x.nbytes + pooled.nbytes) / pool_backward / 1e9,
    }


def slope(rows: list[dict]) -> float:
    """Return by which power of the varied size the convolution's time grows."""
    sizes, seconds = [row["value"] for row in rows], [row["seconds"] for row in rows]
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def median_seconds(function: Callable[[], object], rounds: int = 7) -> float:
    """Return the median time of a call, after one to warm up."""
    function()
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


FIGURE = """
import numpy as np
from scratchcnn import plots
plots.show(plots.draw_images([np.eye(28)] * 8), alt="eight diagonals")
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
    times = {name: [] for name in programs}
    for number in range(max(rounds, 5) + 1):
        for name, program in programs.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", program], check=True)
            if number:  # the first round only fills the disk cache
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(seconds) for name, seconds in times.items()}
