"""The contest: one process per peer, and commands to one peer at a time."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

WORKER = Path(__file__).with_name("worker.py")
PEERS = {
    "scratchcnn": ("ours", {}),
    "Keras on JAX": ("keras_peer", {"KERAS_BACKEND": "jax"}),
    "Keras on TensorFlow": ("keras_peer", {"KERAS_BACKEND": "tensorflow"}),
    "Keras on PyTorch": ("keras_peer", {"KERAS_BACKEND": "torch"}),
    "PyTorch": ("torch_peer", {}),
    "JAX scan": ("jax_peer", {}),
    "loops": ("loops_peer", {}),
}


class Contest:
    """All peers that are installed, each in its own process; use it in a ``with`` block."""

    def __init__(self) -> None:
        self.processes: dict[str, subprocess.Popen] = {}
        self.peers: list[str] = []  # the installed ones
        self.notes: dict[str, str] = {}  # version, threads, seconds to import
        self.missing: dict[str, str] = {}

    def __enter__(self) -> "Contest":
        for peer in PEERS:
            self.restart(peer)
        return self

    def __exit__(self, *_) -> None:
        for peer in self.peers:
            self._stop(peer)

    def restart(self, peer: str) -> None:
        """Give ``peer`` a new process, or note that it is missing."""
        if peer in self.processes:
            self._stop(peer)
        module, environment = PEERS[peer]
        self.processes[peer] = subprocess.Popen(
            [sys.executable, WORKER, module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"} | environment,
        )
        hello = self._answer(peer)
        if "missing" in hello:
            self.missing[peer] = hello["missing"]
            self._stop(peer)
        elif peer not in self.peers:
            self.peers.append(peer)
            self.notes[peer] = (
                f"{hello['version']}; threads: {hello['threads']}; "
                f"imported in {hello['import']:.1f} s"
            )

    def ask(self, peer: str, **command) -> dict:
        """Send a command to a peer and wait for its answer."""
        process = self.processes[peer]
        process.stdin.write(json.dumps(command) + "\n")
        process.stdin.flush()
        answer = self._answer(peer)
        if "error" in answer:
            raise RuntimeError(f"{peer}: {answer['error']}")
        return answer

    def _answer(self, peer: str) -> dict:
        line = self.processes[peer].stdout.readline()
        if not line:
            raise RuntimeError(f"{peer}: the process ended before it answered")
        return json.loads(line)

    def taking_part(self, model: str, batch_size: int) -> list[str]:
        """Return the peers that train this; the loops train only the course's model at batch 1."""
        alone = model == "course" and batch_size == 1
        return [peer for peer in self.peers if peer != "loops" or alone]

    def build(self, model: str, images: int, **options) -> None:
        """Have every peer build the model and load the same images."""
        for peer in self.peers:
            if not (peer == "loops" and model == "deep"):
                self.ask(peer, do="build", model=model, images=images, **options)

    def prove_equal(self) -> None:
        """Train and predict with every peer from the same weights; stop if one differs.

        Dropout is off here, because every library draws different random numbers, and the
        deep model is trained with SGD, because PyTorch's Adam adds epsilon in another place.
        """
        for model, images, batch_size in (("course", 60, 1), ("course", 64, 32), ("deep", 256, 32)):
            self.build(model, images, dropout=0.0, optimizer="sgd")
            reference = None
            for peer in self.taking_part(model, batch_size):
                results = {
                    "loss": self.ask(peer, do="fit", batch_size=batch_size)["loss"],
                    "weights": self.ask(peer, do="weights")["weights"],
                    # Enough images to be predicted like thousands (fast/inference.py).
                    "probabilities": self.ask(peer, do="predict", images=200)["probabilities"],
                }
                reference = reference or results
                apart = {
                    name: np.abs(np.subtract(result, reference[name])).max()
                    for name, result in results.items()
                }
                differences = ", ".join(f"{name} by {value:.1e}" for name, value in apart.items())
                print(f"equal? {model}, batch {batch_size}: {peer}: differs in {differences}")
                if not all(value < 1e-4 for value in apart.values()):
                    raise SystemExit(f"{peer} computes something different; nothing was timed")

    def _stop(self, peer: str) -> None:
        process = self.processes.pop(peer)
        process.stdin.close()
        process.wait()
