"""Measure how time and memory grow: with the images, with the network, with the class.

python benchmarks/growth.py images      seconds and memory for 1,000 to 16,000 images
python benchmarks/growth.py pixels      time per image from 28 x 28 to 224 x 224 pixels
python benchmarks/growth.py lessons 06  what a student's kernel needs to run lesson 06

The times are those that the processor spends on this program, on one core. A busy computer hardly
lengthens them. docs/scaling.md quotes them.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from time import process_time

import numpy as np

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
os.environ["OMP_NUM_THREADS"] = "1"  # before NumPy's library for matrix products is used

from scratchcnn import SGD, Conv2D, Dense, GlobalAvgPool2D, MaxPool2D, ReLU, Sequential

QUESTION = """
import resource
usage = resource.getrusage(resource.RUSAGE_SELF)
print(usage.ru_maxrss, usage.ru_utime + usage.ru_stime)
"""


def network(side: int, channels: int = 1) -> Sequential:
    """Return the convnet of lesson 09 with a mean over each feature map at the end."""
    layers = [
        *(Conv2D(32, 3), ReLU(), MaxPool2D(2), Conv2D(64, 3), ReLU(), MaxPool2D(2)),
        *(GlobalAvgPool2D(), Dense(10)),
    ]
    return Sequential(layers, input_shape=(side, side, channels))


def operations(model: Sequential) -> float:
    """Count the additions and multiplications of a training step for one image.

    Forward, and back to parameters and to the input; nobody needs the gradient of the image.
    """
    total, first = 0.0, True
    for layer in model.layers:
        if isinstance(layer, Conv2D | Dense):
            kernel = layer.params["kernel"]
            places = np.prod(layer.output_shape[:-1]) if isinstance(layer, Conv2D) else 1
            total += 2.0 * kernel.size * float(places) * (2 if first else 3)
            first = False
    return total


def seconds_per_image(model: Sequential, count: int, batch: int) -> float:
    """Return the processor's time for one image of an epoch; the first epoch is not counted."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-0.5, 0.5, (count, *model.input_shape)).astype("float32")
    t = rng.integers(0, 10, count)
    times = []
    for _ in range(3):
        start = process_time()
        model.fit(x, t, batch_size=batch, optimizer=SGD(0.01), verbose=False)
        times.append(process_time() - start)
    return min(times[1:]) / count


def images() -> Iterator[str]:
    """Yield a row for each number of images: they should cost the same, each."""
    yield "| images | seconds per epoch | µs per image | float32, MB |"
    yield "|--:|--:|--:|--:|"
    for count in (1_000, 4_000, 16_000):
        each = seconds_per_image(network(28), count, 32)
        size = count * 28 * 28 * 4 / 1e6
        yield f"| {count:,} | {each * count:.1f} | {1e6 * each:.0f} | {size:,.0f} |"


def pixels() -> Iterator[str]:
    """Yield a row for each size of image."""
    yield "| pixels | million operations per image | ms per image | GFLOP/s | forward, MB |"
    yield "|--:|--:|--:|--:|--:|"
    for side, count in ((28, 512), (56, 128), (112, 32), (224, 16)):
        model = network(side, 3)
        each, work = seconds_per_image(model, count, 16), operations(model)
        kept = 4 * 16 * sum(float(np.prod(layer.output_shape)) for layer in model.layers) / 1e6
        rate = work / each / 1e9
        numbers = f"{work / 1e6:,.0f} | {1e3 * each:.2f} | {rate:.0f} | {kept:,.0f}"
        yield f"| {side} × {side} | {numbers} |"


def lessons(names: list[str]) -> Iterator[str]:
    """Yield a row for each lesson: the memory and the CPU time of a kernel that runs it."""
    import nbformat
    from nbclient import NotebookClient

    yield "| lesson | peak memory, MB | CPU seconds |"
    yield "|:--|--:|--:|"
    for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")):
        if names and not path.name.startswith(tuple(names)):
            continue
        notebook = nbformat.read(path, as_version=4)
        notebook.cells.append(nbformat.v4.new_code_cell(QUESTION))
        where = {"metadata": {"path": str(path.parent)}}
        quiet = ["--log-level=ERROR"]  # not that a kernel here is not encrypted
        NotebookClient(notebook, timeout=900, resources=where, extra_arguments=quiet).execute()
        kilobytes, seconds = notebook.cells[-1].outputs[0].text.split()
        yield f"| {path.stem} | {float(kilobytes) / 1024:,.0f} | {float(seconds):.0f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["images", "pixels", "lessons"])
    parser.add_argument("names", nargs="*", help="starts of the lessons' file names; default: all")
    arguments = parser.parse_args()
    rows = {"images": images, "pixels": pixels, "lessons": lambda: lessons(arguments.names)}
    for row in rows[arguments.what]():
        print(row, flush=True)


if __name__ == "__main__":
    main()
