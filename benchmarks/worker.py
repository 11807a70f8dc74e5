"""One peer in its own process: reads one command per line and answers with a line of JSON.

python benchmarks/worker.py ours|keras_peer|torch_peer|jax_peer|loops_peer
"""

import importlib
import json
import os
import sys
import threading
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

import models


class Worker:
    """Carries out commands; the return value of the method is the answer."""

    def __init__(self, name):
        start = time.perf_counter()
        self.module = importlib.import_module(f"peers.{name}")
        self.import_seconds = time.perf_counter() - start

    def hello(self):
        return {
            "version": self.module.version(),
            "threads": self.module.threads(),
            "import": self.import_seconds,
        }

    def build(self, model, images, dropout=0.5, optimizer=None):
        self.x, self.y = models.images(images)
        weights = models.build(model).get_weights()
        self.peer = self.module.Peer(model, weights, dropout, optimizer or models.OPTIMIZER[model])

    def fit(self, batch_size, images=None, epochs=1):
        x, y = self.x[:images], self.y[:images]
        with Watch() as watch:
            loss = self.peer.fit(x, y, batch_size, epochs)
        return vars(watch) | {"loss": loss}

    def predict(self, images=None):
        with PeakMemory() as memory, Watch() as watch:
            probabilities = self.peer.predict(self.x[:images])
        first = np.asarray(probabilities)[:50]
        return vars(watch) | {"megabytes": memory.rise, "probabilities": first.tolist()}

    def weights(self):
        return {"weights": np.concatenate([np.ravel(w) for w in self.peer.weights()]).tolist()}


class Watch:
    """The seconds a block takes, and how many cores it keeps busy on average."""

    def __enter__(self):
        self._start = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_):
        wall, cpu = self.__dict__.pop("_start")
        self.seconds = time.perf_counter() - wall
        self.cores_busy = (time.process_time() - cpu) / self.seconds


class PeakMemory:
    """The increase of this process's resident memory while a block runs, in megabytes.

    On Linux, the kernel records the exact peak. If the peak cannot be reset, the memory is sampled
    every 5 ms.
    """

    def __enter__(self):
        self.start = self.peak = resident_megabytes()
        self.kernel_counts = reset_kernel_peak()
        self.running = not self.kernel_counts
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()
        return self

    def _watch(self):
        while self.running:
            self.peak = max(self.peak, resident_megabytes())
            time.sleep(0.005)

    def __exit__(self, *_):
        self.running = False
        self.thread.join()
        peak = kernel_peak_megabytes() if self.kernel_counts else self.peak
        self.rise = max(peak, resident_megabytes()) - self.start


def resident_megabytes():
    """Return how much memory this process currently uses (Linux; elsewhere NaN)."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return float("nan")
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def reset_kernel_peak():
    """Reset the kernel's peak to this process's current memory; return whether it worked."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return False
    return True


def kernel_peak_megabytes():
    """Return the most memory this process has used since `reset_kernel_peak`."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith("VmHWM"))
    return int(kilobytes) * 1024 / 1e6


def main():
    """Answer commands until the input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # anything a library prints goes to stderr, not between our answers
    try:
        worker = Worker(sys.argv[1])
    except ImportError as error:
        print(json.dumps({"missing": str(error)}), file=answers, flush=True)
        return
    print(json.dumps(worker.hello()), file=answers, flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        try:
            answer = getattr(worker, command.pop("do"))(**command) or {}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
