"""Measure what it costs to train between the events of a kernel, as LiveTraining does.

    python benchmarks/live.py [ROUNDS]

The same training in turn, in a Jupyter kernel: by `fit` alone, by LiveTraining on the event loop of
the kernel, and by LiveTraining in a thread of its own, as in a script. The seconds are medians.
"""

import statistics
import sys
import tempfile
from pathlib import Path

from jupyter_client.manager import start_new_kernel

ROOT = Path(__file__).parent.parent
SIZES = ((1, 3), (32, 12))  # images in a batch, and epochs of 4,000 images

PREPARE = f"""
import asyncio, sys, time
sys.path.insert(0, {str(ROOT)!r})
import numpy as np
from scratchcnn import Conv2D, Dense, Flatten, MaxPool2D, Sequential, load_mnist
from scratchcnn.widgets import LiveTraining

(x, y), _ = load_mnist()
x = x[..., None] / np.float32(255) - np.float32(0.5)

def network():
    layers = [Conv2D(8, 3, use_bias=False), MaxPool2D(2), Flatten(), Dense(10)]
    return Sequential(layers, input_shape=(28, 28, 1), seed=0)

def by_fit(batch_size, epochs):
    model, start = network(), time.perf_counter()
    model.fit(x, y, epochs=epochs, batch_size=batch_size, verbose=False)
    return time.perf_counter() - start

async def live(batch_size, epochs, thread):
    training = LiveTraining(network(), x, y, epochs=epochs, batch_size=batch_size)
    start = time.perf_counter()
    if thread:  # where no event loop runs, Start begins a thread of its own
        await asyncio.to_thread(training.start)
    else:
        training.start()
    while training.background.running:
        await asyncio.sleep(0.005)
    seconds = time.perf_counter() - start
    training.close()
    return seconds
"""


def main() -> None:
    """Print the seconds of each way."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    manager, client = start_new_kernel(kernel_name="python3", cwd=tempfile.gettempdir())
    try:
        ask(client, PREPARE)
        for batch_size, epochs in SIZES:
            calls = {
                "fit alone": f"by_fit({batch_size}, {epochs})",
                "on the event loop": f"await live({batch_size}, {epochs}, thread=False)",
                "in a thread": f"await live({batch_size}, {epochs}, thread=True)",
            }
            seconds: dict[str, list[float]] = {name: [] for name in calls}
            for _ in range(rounds):
                for name, call in calls.items():
                    seconds[name].append(float(ask(client, f"print({call})")))
            for name, values in seconds.items():
                print(f"batch {batch_size:2}  {name:18} {statistics.median(values):6.3f} s")
    finally:
        manager.shutdown_kernel()


def ask(client: object, code: str) -> str:
    """Run code in the kernel and return what it prints."""
    said: list[str] = []

    def hear(message: dict) -> None:
        if message["msg_type"] == "error":
            raise RuntimeError("\n".join(message["content"]["traceback"]))
        if message["msg_type"] == "stream" and message["content"]["name"] == "stdout":
            said.append(message["content"]["text"])

    client.execute_interactive(code, output_hook=hear, timeout=600)
    return "".join(said)


if __name__ == "__main__":
    main()
