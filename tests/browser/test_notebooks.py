"""The notebooks of the course, run from top to bottom in a real JupyterLab."""

import os

import pytest
from browser.lab import (
    NOTEBOOKS,
    assert_as_stored,
    look_at_explorers,
    opened,
    run_all,
    screenshot,
    wait_for_kernel,
)
from browser.on_page import OnPage

LONG = ("06", "07", "08", "09", "11", "12", "14")  # first, so that a short one comes last


STOPS = ("08",)  # in a browser, which has no Keras


@pytest.mark.parametrize("name", sorted(NOTEBOOKS, key=lambda name: name[:2] not in LONG))
def test_all_cells_run_and_all_explorers_show(workbench, place, name):
    if place.name == "lite" and name[:2] in STOPS:
        pytest.skip("needs what a browser does not have: see test_lite.py")
    if place.name == "lite" and name[:2] in LONG and "SCRATCHCNN_LONG_TESTS" not in os.environ:
        pytest.skip("takes minutes in a browser: SCRATCHCNN_LONG_TESTS=1 runs it")
    with opened(workbench, name) as page:
        run_all(page, seconds=180 if place.exact else 400)
        look_at_explorers(page, name)
        assert_as_stored(page, name, place.exact)


def test_explorers_work_in_notebook_7_too(open_page, lab):
    pytest.importorskip("notebook", reason="Notebook 7 is not installed")
    address = f"{lab.address}/notebooks"
    lab.write(None, "empty.ipynb", [])
    page, bare = open_page(f"{address}/empty.ipynb")
    wait_for_kernel(page)
    page.close()
    page, watch = open_page(f"{address}/playground.ipynb")
    wait_for_kernel(page)
    run_all(page)
    page.wait_for_function("document.querySelectorAll('.sc-picture[alt]').length === 11")
    filters = OnPage(page, 1)
    filters.root.scroll_into_view_if_needed()
    filters.wait_until_still()
    filters.click("feature map", 0.52, 0.52)
    filters.wait_for("caption", "Row 13, column 13:")
    filters.press("feature map", "Home")
    filters.wait_for("caption", "Row 13, column 0:")
    screenshot(page, "notebook7")
    page.close()
    # What Notebook itself complains of, with nothing in it, is not ours.
    watch.errors = [error for error in watch.errors if error not in bare.errors]
    watch.assert_clean()


def test_a_question_is_answered_with_the_keyboard_alone(workbench):
    with opened(workbench, "01_convolution.ipynb") as page:
        question = page.locator(".jp-MarkdownCell:has(details)").first
        question.scroll_into_view_if_needed()
        answers = question.locator("summary")
        answers.first.focus()
        for _ in range(answers.count() - 1):
            page.keyboard.press("Enter")  # opens the reply ...
            page.keyboard.press("Tab")  # ... and moves on to the next answer
        page.keyboard.press("Space")
        replies = question.locator("details[open]")
        assert replies.count() == answers.count()
        correct = replies.filter(has_text="Correct.")
        assert correct.count() == 1
        assert correct.locator(".MathJax, mjx-container").first.is_visible()
        screenshot(page, "question")
