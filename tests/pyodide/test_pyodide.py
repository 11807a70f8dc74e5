"""The library in a browser's Python: Pyodide under Node computes what this Python computes.

The environment variable SCRATCHCNN_PYODIDE names the folder of a Pyodide distribution, in which
NumPy's wheel lies as well. One process of Node runs all of checks.py; nothing is downloaded.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import scratchcnn

HERE = Path(__file__).parent
PACKAGE = Path(scratchcnn.__file__).parent
VARIABLE = "SCRATCHCNN_PYODIDE"
EXTRAS = ("tqdm", "threadpoolctl")  # in plain Python, so that a browser can have them
TIMEOUT = 300  # seconds; it takes about five

FITS = [
    f"fit-{network}-{size}"
    for network in ("course", "dropout", "residual")
    for size in (1, 32, 128)
]
LOSSES = ["losses", "loss", "accuracy", "val_loss", "val_accuracy"]


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A folder in which the two Pythons leave files for each other."""
    return tmp_path_factory.mktemp("shared")


@pytest.fixture(scope="module")
def pyodide():
    """The folder of Pyodide, or skipped tests."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        pytest.skip(f"{VARIABLE} does not name the folder of a Pyodide distribution")
    if not (Path(folder) / "pyodide.mjs").is_file():
        pytest.skip(f"{VARIABLE} names {folder}, which has no pyodide.mjs")
    if shutil.which("node") is None:
        pytest.skip("Node is not installed, which runs Pyodide here")
    return Path(folder).resolve()


def run(*command):
    """Run a program that prints JSON and nothing else, not even a warning."""
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=TIMEOUT
    )
    assert done.stderr == ""
    assert done.returncode == 0
    return json.loads(done.stdout)


def run_here(shared, *names):
    return run(sys.executable, HERE / "checks.py", shared, shared / "no_extras", *names)


@pytest.fixture(scope="module")
def here(pyodide, shared):
    """What this Python computes."""
    return run_here(shared)


@pytest.fixture(scope="module")
def browser(pyodide, here, shared):
    """What a browser's Python computes, also with the file that this one has saved."""
    found = [importlib.util.find_spec(name) for name in EXTRAS]
    extras = [
        Path(spec.origin).parent if spec.submodule_search_locations else spec.origin
        for spec in found
        if spec is not None
    ]
    return run("node", HERE / "run.mjs", pyodide, PACKAGE, HERE, shared, *extras)


def assert_same_training(one, other, tolerance=1e-5):
    for name in LOSSES:
        # Below 1e-7 a loss in float32 is rounding.
        assert one[name] == pytest.approx(other[name], rel=tolerance, abs=1e-7), name


def test_every_check_runs_without_an_error(here, browser):
    for where, results in {"here": here, "in the browser": browser}.items():
        for name, result in results.items():
            assert "error" not in result, f"{name} {where}: {result['error']}"


def test_nothing_is_warned_of(browser):
    warned = {name: result["warnings"] for name, result in browser.items()}
    assert not any(warned.values()), warned


@pytest.mark.parametrize("name", FITS)
def test_training_gives_the_same_losses(name, here, browser):
    assert_same_training(browser[name], here[name])


def test_float64_gives_the_same_losses_to_far_more_digits(here, browser):
    assert_same_training(browser["float64"], here["float64"], 1e-11)


def test_a_thousand_updates_end_at_the_same_loss(here, browser):
    assert browser["speed"]["loss"] == pytest.approx(here["speed"]["loss"], rel=1e-5)


@pytest.mark.parametrize("images", ["few", "many"])
def test_predictions_are_the_same(images, here, browser):
    for ours, theirs in zip(browser["predict"][images], here["predict"][images], strict=True):
        assert ours == pytest.approx(theirs, rel=1e-4, abs=1e-6)


def test_few_images_get_the_predictions_that_they_get_among_many(browser):
    assert browser["predict"]["same"]


def test_evaluation_gives_the_same_loss_and_accuracy(here, browser):
    assert browser["predict"]["loss"] == pytest.approx(here["predict"]["loss"], rel=1e-5)
    assert browser["predict"]["accuracy"] == here["predict"]["accuracy"]


def test_training_goes_on_from_a_file_as_if_it_had_never_stopped(here, browser):
    assert browser["saving"]["equal"]
    assert_same_training(browser["saving"], here["saving"])


def test_saving_leaves_no_unfinished_file(browser):
    assert browser["saving"]["unfinished"] == []


def test_a_file_saved_here_goes_on_in_the_browser(here, browser):
    assert_same_training(browser["other-file"], here["saving"])


def test_a_file_saved_in_the_browser_goes_on_here(shared, here, browser):
    continued = run_here(shared, "other-file")["other-file"]
    assert "error" not in continued
    assert_same_training(continued, here["saving"])


def test_the_digits_are_the_same_and_their_labels_can_be_counted(here, browser):
    assert browser["mnist"] == here["mnist"]


def test_gradients_pass_the_check(here, browser):
    assert browser["gradients"]["names"] == here["gradients"]["names"]
    assert browser["gradients"]["largest"] < 1e-6


def test_plain_loops_give_what_the_layer_gives(browser):
    assert browser["loops"]["equal"]


def test_the_browser_takes_the_fast_way_too(browser):
    assert browser["door"]["executors"] == ["FastExecutor", "FastExecutor"]


def test_where_no_thread_can_start_one_worker_does_everything(here, browser):
    assert here["threads"]["can_start"]
    assert not browser["threads"]["can_start"]
    assert browser["threads"]["cores"] >= 1
    assert_same_training(browser["threads"], here["threads"])


def test_fit_prints_the_same_lines(here, browser):
    assert len(browser["lines"]["lines"]) == 2
    assert browser["lines"]["lines"] == here["lines"]["lines"]


def test_without_tqdm_there_is_no_bar(browser):
    assert browser["lines"]["bar"] == ""


def test_a_progress_bar_needs_no_thread(here, browser):
    """tqdm starts one to watch over its bars, unless it is told not to."""
    if "tqdm" not in browser["extras"]["found"]:
        pytest.skip("tqdm is not installed")
    assert "6/6" in browser["extras"]["bar"]
    assert browser["extras"]["warnings"] == []
    assert browser["extras"]["lines"] == here["extras"]["lines"]


def test_an_interrupt_stops_after_the_running_update(here, browser):
    result = browser["interrupt"]
    assert result["raised"]
    assert result["restored"]
    assert result["steps"] == [1, 2, 3]
    for ours, theirs in zip(result["predictions"], here["interrupt"]["predictions"], strict=True):
        assert ours == pytest.approx(theirs, rel=1e-4, abs=1e-6)


def test_a_task_trains_step_by_step_and_another_stops_it(here, browser):
    result = browser["task"]
    assert result["watched"]
    assert result["stopped_soon"]
    assert result["finite"]
    assert result["losses"] == pytest.approx(here["task"]["losses"], rel=1e-5)
    assert result["history"]["loss"] == pytest.approx(here["task"]["history"]["loss"], rel=1e-5)
    assert result["again"]["loss"] == pytest.approx(here["task"]["again"]["loss"], rel=1e-5)


def test_the_workbook_is_checked_in_the_browser_and_endless_functions_are_stopped(here, browser):
    assert browser["workbook"]["passed"] == here["workbook"]["passed"] != []
    for name, words in [("here", here), ("browser", browser)]:
        first, second, third = words["workbook"]["messages"]
        assert "it ran too long" in first, name
        assert "it ran too long" in second, name
        assert "calls itself without end" in third, name
    assert browser["workbook"]["seconds"] < 0.5  # for each function


def test_the_first_figure_is_drawn_without_a_word(here, browser):
    """Matplotlib's warning of its font cache would stand on stderr, which `run` finds empty."""
    assert browser["figure"]["alt"] == here["figure"]["alt"]
    assert browser["figure"]["png"] > 1000
