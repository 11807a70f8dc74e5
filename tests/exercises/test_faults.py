"""The checks notice small faults: at least 95% of what one changed operator or index breaks."""

import random

import pytest
from faults import body_of, faulty
from solving import defined

from scratchcnn.exercises import checking
from scratchcnn.exercises.checking import examine
from scratchcnn.exercises.declaration import EXERCISES

FAULTS = [
    (name, source)
    for name, exercise in EXERCISES.items()
    for source in faulty(body_of(exercise.source))
]


def passes(name, source):
    """Check a faulty function. A class may already fail when it is defined."""
    try:
        function = defined(source, name)
    except Exception:
        return False
    return examine(function, EXERCISES[name]).passed


def test_of_500_random_faults_at_least_95_percent_are_noticed(monkeypatch):
    monkeypatch.setattr(checking, "TIME_LIMIT", 0.5)
    assert len(FAULTS) > 2000
    tried = random.Random(0).sample(FAULTS, 500)
    missed = [(name, source) for name, source in tried if passes(name, source)]
    lines = "\n".join(f"{name}:\n{source}" for name, source in missed)
    assert len(missed) <= 25, lines


@pytest.mark.parametrize("name", EXERCISES)
def test_faults_are_noticed_in_every_function(name, monkeypatch):
    monkeypatch.setattr(checking, "TIME_LIMIT", 0.5)
    sources = [source for other, source in FAULTS if other == name]
    tried = random.Random(0).sample(sources, min(len(sources), 20))
    assert sum(passes(name, source) for source in tried) <= len(tried) // 3
