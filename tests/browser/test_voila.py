"""The playground as a web app."""

import sys

import pytest
from browser.lab import ROOT, free_port, running, screenshot
from browser.on_page import OnPage


@pytest.fixture(scope="module")
def page(open_page, tmp_path_factory):
    pytest.importorskip("voila", reason="Voila is not installed: pip install -e .[lab]")
    folder, port = tmp_path_factory.mktemp("voila"), free_port()
    command = [sys.executable, str(ROOT / "tools" / "play.py"), "--no-browser"]
    command += [f"--port={port}", "--Voila.ip=127.0.0.1"]
    with running(command, port, folder) as address:
        page, watch = open_page(address)
        page.wait_for_function("document.querySelectorAll('.sc-picture[alt]').length === 11")
        yield page
        page.close()
        watch.assert_clean()


def test_all_explorers_show_and_no_code_does(page):
    assert page.locator(".jp-CodeCell .jp-InputArea:visible, .highlight:visible").count() == 0
    for number in range(11):
        on_page = OnPage(page, number)
        on_page.root.scroll_into_view_if_needed()
        on_page.wait_until("root.querySelector('.sc-picture').naturalWidth > 100")
        assert on_page.alt
        assert on_page.error == ""
        box = on_page.root.bounding_box()
        assert box["height"] <= 720
        assert box["width"] <= 1280
        screenshot(page, f"voila-{number}")


def test_keys_and_mouse_work(page):
    filters = OnPage(page, 1)
    filters.root.scroll_into_view_if_needed()
    filters.click("feature map", 0.52, 0.52)
    filters.wait_for("caption", "Row 13, column 13:")
    filters.press("feature map", "ArrowUp")
    filters.wait_for("caption", "Row 12, column 13:")
    filters.press("feature map", "Home")
    filters.wait_for("caption", "Row 12, column 0:")


def test_the_missions_are_there_and_wait(page):
    missions = page.locator(".scratchcnn-mission")
    assert missions.count() == 9
    for number, text in enumerate(missions.all_inner_texts(), 1):
        assert text.startswith(f"Mission {number}: ")
        assert "Not done yet." in text
