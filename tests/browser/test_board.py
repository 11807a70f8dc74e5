"""The class board in a real browser: forty students, two thousand checks, a restart in between."""

import contextlib
import json
import os
import random
import re
import subprocess
import sys
from collections import Counter
from importlib import import_module

import pytest
from board_messages import lessons
from browser.lab import ROOT, Watch, free_port, opened, run_all, screenshot, write_notebook

from scratchcnn.exercises import board, check, sending
from scratchcnn.exercises.declaration import EXERCISES

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

STUDENTS, CHECKS = 40, 2000
NAMES = ["relu", "relu_backward", "dropout"]  # of lesson 09, whose checks are quick
LESSON = list(lessons().values()).count(EXERCISES["relu"].lesson)
HOSTILE = "<script>alert(1)</script>"[:24]
WAIT = 60


class Command:
    """`make board` on this computer alone, which can be stopped and started again."""

    def __init__(self, folder):
        self.file, self.port, self.server = folder / "class_board.jsonl", free_port(), None

    def start(self):
        command = [sys.executable, ROOT / "tools" / "board.py", f"--port={self.port}"]
        command += ["--no-browser", "--file", self.file]
        self.server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        for line in self.server.stdout:
            if found := re.search(r"http\S+\?key=\S+", line):
                return found[0]
        raise AssertionError("the board did not start")

    def kill(self):
        self.server.kill()
        self.server.communicate()


@pytest.fixture
def command(tmp_path):
    one = Command(tmp_path)
    yield one
    if one.server:
        one.kill()


@pytest.fixture
def board_page(chromium, command):
    """The teacher's page, and what it has reported."""
    address = command.start()
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    page.set_default_timeout(1000 * WAIT)
    watch = Watch(page, address)
    page.goto(address)
    page.locator("#how[open]").wait_for()  # nobody is there yet, so it says how to join
    page.keyboard.press("Escape")
    yield page, watch
    page.close()


@pytest.fixture
def students(monkeypatch, tmp_path, command):
    """Let many students join, and return how one of them runs a check."""
    monkeypatch.setattr(sending, "LONGEST_PAUSE", 1.0)
    monkeypatch.delenv("SCRATCHCNN_BOARD", raising=False)
    module = import_module("scratchcnn.exercises.progress")
    joined = []

    def join(name):
        home = tmp_path / f"home-{len(joined)}"
        home.mkdir()
        monkeypatch.setenv("SCRATCHCNN_PROGRESS", str(home / "progress.json"))
        monkeypatch.setattr(board, "_joined", None)
        board.join(f"http://127.0.0.1:{command.port}", name)
        joined.append((board._joined, home))

    def act(student, function, name):
        membership, home = joined[student]
        monkeypatch.setenv("SCRATCHCNN_PROGRESS", str(home / "progress.json"))
        monkeypatch.setattr(board, "_joined", membership)
        return check(function, name)

    monkeypatch.setattr(module, "_memory", {})
    # Two thousand times, waiting for the disk would take longer than all the rest.
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    join.act, join.joined = act, joined
    yield join
    for membership, _ in joined:
        membership.sender.close()


def all_arrived(joined):
    for membership, _ in joined:
        sender = membership.sender
        with sender._changed:
            assert sender._changed.wait_for(lambda sender=sender: not sender._waiting, WAIT)


class Expected:
    """A plain count of what the students have done."""

    def __init__(self):
        self.passed, self.tried, self.wrong = set(), set(), Counter()
        self.students_of = {}

    def add(self, student, result):
        self.tried.add((student, result.name))
        if result.passed:
            self.passed.add((student, result.name))
        else:
            self.wrong[student, result.name] += 1
            self.students_of.setdefault((result.name, result.mistake), set()).add(student)

    def exercise(self, name):
        solved = sum(one == name for _, one in self.passed)
        trying = sum(one == name for _, one in self.tried) - solved
        return f"{solved} of {STUDENTS} solved, {trying} trying"

    def commonest(self):
        known = {one: len(who) for one, who in self.students_of.items() if one[1]}
        return sorted(known.values(), reverse=True)

    def marks(self, student):
        signs = []
        for name in NAMES:
            wrong = self.wrong[student, name]
            count = str(min(wrong, 99)) if wrong > 1 else ""
            tried = (student, name) in self.tried
            signs.append("✓" if (student, name) in self.passed else f"✗{count}" if tried else "·")
        return signs + ["·"] * (LESSON - len(NAMES))


def read(page):
    return page.evaluate("""() => ({
        names: [...document.querySelectorAll("#students .name")].map((one) => one.textContent),
        wrong: [...document.querySelectorAll("#wrong li")].map((one) => [
            Number(one.querySelector(".times").textContent),
            one.querySelector(".title").textContent, one.querySelector(".message").textContent]),
    })""")


def wait_for_counts(page, expected):
    counts = page.locator("#exercises .counts")
    for place, name in enumerate(NAMES):
        expect(counts.nth(place)).to_have_text(expected.exercise(name), timeout=1000 * WAIT)


def test_forty_students_and_two_thousand_checks(board_page, students, command):
    page, watch = board_page
    rng, expected = random.Random(0), Expected()
    for number in range(STUDENTS):
        students(HOSTILE if number == 3 else f"Code {number:02}")

    def work(checks):
        for _ in range(checks):
            student, exercise = rng.randrange(STUDENTS), EXERCISES[rng.choice(NAMES)]
            weights = [1, *(8 / (place + 1) for place in range(len(exercise.mistakes)))]
            functions = [exercise.reference, *(one.function for one in exercise.mistakes)]
            (function,) = rng.choices(functions, weights)
            expected.add(student, students.act(student, function, exercise.name))

    work(CHECKS // 4)
    all_arrived(students.joined)
    wait_for_counts(page, expected)

    command.kill()  # in the middle, and without a warning
    work(CHECKS // 4)
    page.locator("#trouble:visible").wait_for()
    assert "Start it again" in page.locator("#trouble").inner_text()
    with open(command.file, "ab") as file:
        file.write(b'{"outcome": "torn in the midd')
    watch.forget()  # that nobody answered
    command.start()
    work(CHECKS // 2)
    all_arrived(students.joined)
    wait_for_counts(page, expected)
    page.locator("#trouble").wait_for(state="hidden")

    names = [membership.name for membership, _ in students.joined]
    order = sorted(range(STUDENTS), key=names.__getitem__)
    expect(page.locator("#students .name")).to_have_text([names[one] for one in order])
    marks = [mark for one in order for mark in expected.marks(one)]
    expect(page.locator("#students .mark")).to_have_text(marks, timeout=1000 * WAIT)
    shown = read(page)
    assert [row[0] for row in shown["wrong"]] == expected.commonest()[: len(shown["wrong"])]
    count, title, message = shown["wrong"][0]
    name, _, mistake = title.partition(": ")
    assert count == len(expected.students_of[name, mistake])
    assert message == next(m.message for m in EXERCISES[name].mistakes if m.name == mistake)
    lines = [json.loads(line) for line in command.file.read_text().splitlines() if line[-1] == "}"]
    assert sum("outcome" in line for line in lines) == CHECKS
    screenshot(page, "board-40")

    # Nothing of a name is ever more than text, and the page is not wider than the screen.
    assert HOSTILE in shown["names"]
    assert page.locator("#students script").count() == 0
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width == 1280
    watch.errors = [error for error in watch.errors if "ERR_CONNECTION_REFUSED" not in error]
    watch.assert_clean()


def test_everything_can_be_done_by_keyboard(board_page, students, tmp_path, command):
    page, watch = board_page
    for name in ("Otter", HOSTILE, "Lynx"):
        students(name)
    students.act(0, EXERCISES["relu"].reference, "relu")
    students.act(1, EXERCISES["relu"].mistakes[0].function, "relu")
    names = page.locator("#students .name")
    page.locator(".mark.passed").wait_for()
    assert names.all_inner_texts() == [HOSTILE, "Lynx", "Otter"]

    page.keyboard.press("h")
    assert names.all_inner_texts() == ["No. 1", "No. 2", "No. 3"]
    assert HOSTILE not in page.locator("body").inner_html().replace("&lt;", "<")
    page.keyboard.press("h")

    page.keyboard.press("j")
    assert f'exercises.join("http://127.0.0.1:{command.port}"' in page.locator("#line").inner_text()
    page.keyboard.press("Escape")

    tab_to(page, "#students button")
    page.keyboard.press("Enter")
    assert page.locator("#one-title").inner_text() == HOSTILE
    cells = page.locator("#one tbody tr").first.locator("td").all_inner_texts()
    assert cells == ["relu", "✗ not right yet", "1", "0", EXERCISES["relu"].mistakes[0].name]
    tab_to(page, "[data-action='remove']")
    page.keyboard.press("Enter")
    assert names.count() == 3  # it asks first
    page.keyboard.press("Enter")
    expect(names).to_have_count(2)

    kept = tmp_path / "kept.jsonl"
    line = {"id": "c" * 16, "exercise": "relu", "state": "passed", "mistake": "", "hints": 0}
    kept.write_text(json.dumps({"student": "d" * 24, "name": "Newt", **line}) + "\nnonsense\n")
    tab_to(page, "#more")
    page.keyboard.press("Enter")
    page.locator("#files").set_input_files(kept)
    expect(page.locator("#loaded")).to_contain_text("1 new outcome, 1 line that the board does not")
    with page.expect_download() as download:
        tab_to(page, "#csv")
        page.keyboard.press("Enter")
    assert "Newt,9,relu,yes,0,0," in download.value.path().read_text(encoding="utf-8-sig")

    tab_to(page, "[data-action='new hour']")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(names).to_have_count(0)
    page.select_option("#hour", "all")
    expect(names).to_have_count(3)
    page.select_option("#lesson", "4")
    expect(page.locator("#exercises .name").first).to_have_text("1 softmax")
    assert names.count() == 3
    watch.assert_clean()


def tab_to(page, selector):
    """Press Tab until the focus is on such an element."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab does not reach {selector}")


@pytest.mark.parametrize("count", [5, 40, 200])
def test_nothing_is_cut_off_on_a_projector(board_page, command, count):
    page, watch = board_page
    with contextlib.closing(open_reports(command)) as send:
        for number in range(count):
            send.send(number)
    expect(page.locator("#students .name")).to_have_count(count, timeout=1000 * WAIT)
    shape = page.evaluate("""() => {
        const box = (one) => one.getBoundingClientRect();
        const tiles = [...document.querySelectorAll("#students button")].map(box);
        const names = [...document.querySelectorAll("#students .name")];
        const size = parseFloat(getComputedStyle(names[0]).fontSize);
        return {
            page: [document.documentElement.scrollWidth, document.documentElement.scrollHeight],
            right: Math.max(...tiles.map((one) => one.right)),
            bottom: Math.max(...tiles.map((one) => one.bottom)),
            narrow: names.filter((one) => one.scrollWidth > one.clientWidth).length, size };
    }""")
    assert shape["page"] == [1280, 720]
    assert shape["right"] <= 1280
    assert shape["size"] >= 14
    assert shape["narrow"] == 0, "names of ten characters fit"
    assert shape["bottom"] <= 720 or count == 200  # two hundred are scrolled
    screenshot(page, f"board-{count}-students")
    watch.assert_clean()


def open_reports(command):
    """Return a generator that reports for the student whose number it is sent."""

    def reports():
        while True:
            number = yield
            passed = {"exercise": "relu", "state": "passed", "mistake": "", "hints": number % 4}
            outcomes = [{**passed, "id": f"{number:016x}"}] if number % 3 else []
            message = {"student": f"{number:024x}", "name": f"Otter {number:04}"}
            body = json.dumps({**message, "outcomes": outcomes}).encode()
            status, _ = sending.post(f"http://127.0.0.1:{command.port}/report", body)
            assert status == 200

    generator = reports()
    next(generator)
    return generator


def test_a_notebook_joins_and_the_page_follows(board_page, command, workbench, lab):
    page, watch = board_page
    write_notebook(
        lab[1] / "joins.ipynb",
        [
            "import numpy as np\nfrom scratchcnn import exercises",
            f'exercises.join("http://127.0.0.1:{command.port}", "Otter")',
            "def relu(x):\n    return x\n\nexercises.check(relu)",
            "def relu(x):\n    return np.maximum(x, 0)\n\nexercises.check(relu)",
        ],
    )
    with opened(workbench, "joins.ipynb") as notebook:
        run_all(notebook)
        output = notebook.locator(".jp-OutputArea-output", has_text="joined the class board")
        assert "as Otter" in output.inner_text()
        page.locator(".mark.passed").wait_for()
        assert page.locator("#students .name").all_inner_texts() == ["Otter"]
        assert page.locator("#wrong .title").all_inner_texts() == ["relu: something else"]
        screenshot(notebook, "board-notebook")
    watch.assert_clean()
