"""Numbers that a workbook holds are those that were measured."""

import nbformat
import numpy as np
from solving import WORKBOOK

from scratchcnn import experiments

RESULTS = WORKBOOK[0].parent.parent / "results"


def stored(experiment, key, **settings):
    """Return what the stored runs with these settings have reached, by seed."""
    runs = sorted(experiments.stored(experiment, RESULTS), key=lambda run: run["seed"])
    return [run[key] for run in runs if settings.items() <= run.items()]


def test_the_runs_of_workbook_08_are_the_stored_ones():
    (path,) = (path for path in WORKBOOK if path.name.startswith("08"))
    cells = nbformat.read(path, as_version=4).cells
    (source,) = (cell.source for cell in cells if "\naccuracies = " in cell.source)
    space = {"np": np}
    exec(source, space)
    expected = {
        "ours": stored("keras_seeds", "test_accuracy_1000", library="scratchcnn"),
        "Keras": stored("keras_seeds", "test_accuracy_1000", library="Keras"),
        "trained": stored("frozen_kernels", "val_accuracy", frozen=False),
        "frozen": stored("frozen_kernels", "val_accuracy", frozen=True),
    }
    assert {name: values.tolist() for name, values in space["accuracies"].items()} == expected
