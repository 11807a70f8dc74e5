"""The network between a student and the class board, played by a test."""

import json
import threading

import numpy as np

from scratchcnn.exercises import board

WAIT = 20  # seconds until a test gives up


def right(x):
    return np.maximum(x, 0)


def wrong(x):
    secret = x  # a name that only my code has
    return secret


class Post:
    """Stands in for the network: keeps what is sent, and answers as it is told."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.messages = []
        self.changed = threading.Condition()
        self.started, self.gate = threading.Event(), threading.Event()
        self.gate.set()
        self.ended = 0

    def __call__(self, url, body):
        with self.changed:
            self.messages.append((url, json.loads(body)))
        self.started.set()
        assert self.gate.wait(WAIT)
        with self.changed:
            self.ended += 1
            answer = self.answers.pop(0) if self.answers else (200, b'{"name": "Otter"}')
            self.changed.notify_all()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def outcomes(self):
        return [one for _, message in self.messages for one in message["outcomes"]]

    def wait_for(self, condition):
        with self.changed:
            assert self.changed.wait_for(condition, WAIT)


def all_sent(sender):
    """Wait until a sender has nothing left to send."""
    with sender._changed:
        return sender._changed.wait_for(lambda: not sender._waiting, WAIT)


def sender():
    return board._joined.sender
