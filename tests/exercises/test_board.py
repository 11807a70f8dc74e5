"""A student joins the class board: what is sent, and that nobody ever waits for it."""

import asyncio
import json
import sys
import threading
from types import SimpleNamespace

import numpy as np
import pytest
from board_messages import outcome_in
from board_state import Board
from running_board import odd_server, running_board, silent_server

from scratchcnn import exercises
from scratchcnn.exercises import NotDone, board, check, hint, sending
from scratchcnn.exercises.declaration import EXERCISES

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


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """No pause before a message is repeated; and nobody stays joined."""
    monkeypatch.setattr(sending, "FIRST_PAUSE", 0.0)
    monkeypatch.setattr(sending, "LONGEST_PAUSE", 0.0)
    monkeypatch.delenv("SCRATCHCNN_BOARD", raising=False)
    yield
    exercises.leave()


@pytest.fixture
def network(monkeypatch):
    """Join a board whose network is played by the returned function."""

    def joined(*answers, name="Otter"):
        post = Post(*answers)
        monkeypatch.setattr(sending.Sender.__init__, "__defaults__", (post,))
        post.note = exercises.join("http://board:8899", name)
        return post

    return joined


def sender():
    return board._joined.sender


def test_without_joining_nothing_is_sent_and_no_thread_is_started(monkeypatch, progress_file):
    monkeypatch.setattr(sending, "post", Post(RuntimeError("sent")))
    threads = threading.active_count()
    check(wrong, "relu")
    assert threading.active_count() == threads
    assert [path.name for path in progress_file.parent.iterdir()] == ["mine.json"]


def test_a_check_sends_its_outcome_and_nothing_else(network):
    post = network()
    hint("relu")
    check(wrong, "relu")
    post.wait_for(lambda: post.outcomes())
    url, message = post.messages[-1]
    assert url == "http://board:8899/report"
    assert set(message) == {"student", "name", "outcomes"}
    assert message["name"] == "Otter"
    (outcome,) = message["outcomes"]
    fields = {"id", "time", "exercise", "state", "mistake", "hints"}
    assert set(outcome) == fields
    told = {name: outcome[name] for name in ("exercise", "state", "mistake", "hints")}
    assert told == {"exercise": "relu", "state": "failed", "mistake": "", "hints": 1}
    assert "secret" not in json.dumps(post.messages)


def test_a_known_mistake_is_sent_by_its_name(network):
    post = network()
    mistake = EXERCISES["relu"].mistakes[0]
    check(mistake.function, "relu")
    post.wait_for(lambda: post.outcomes())
    assert post.outcomes()[0]["mistake"] == mistake.name


def test_what_is_not_written_yet_is_not_reported(network):
    post = network()

    def relu(x):
        raise NotDone("relu")

    check(relu)
    check(right, "relu")
    post.wait_for(lambda: post.outcomes())
    assert [one["state"] for one in post.outcomes()] == ["passed"]


def test_a_check_returns_before_anything_on_the_network_ends(network):
    post = network()
    post.started.clear()
    post.gate.clear()
    ended = post.ended
    check(wrong, "relu")
    assert post.started.wait(WAIT)  # it is being sent ...
    results = [check(right, "relu") for _ in range(5)]
    assert post.ended == ended  # ... and has not arrived yet
    assert all(result.passed for result in results)
    post.gate.set()
    assert all_sent(sender())
    assert len({one["id"] for one in post.outcomes()}) == 6


def test_a_board_that_never_answers_costs_a_student_nothing(monkeypatch):
    monkeypatch.setattr(board, "PATIENCE", 0.0)
    monkeypatch.setattr(sending, "TIMEOUT", 3600)
    with silent_server() as (address, listening):
        note = exercises.join(address, "Otter")
        assert "does not answer yet" in note.message
        connection, _ = listening.accept()
        with connection:
            assert connection.recv(10)  # the message is under way, and nothing comes back
            assert check(right, "relu").passed
            assert not check(wrong, "relu").passed
            assert sender().waiting() == 2


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "http://no.such.host.invalid:8899"])
def test_a_board_that_is_gone_costs_a_student_nothing(monkeypatch, address):
    monkeypatch.setattr(board, "PATIENCE", 0.0)
    monkeypatch.setattr(sending, "FIRST_PAUSE", 3600)
    exercises.join(address, "Otter")
    assert check(right, "relu").passed


def endless(handler):
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"{" * 10_000)


def test_of_an_endless_answer_only_the_beginning_is_read():
    with odd_server(endless) as (address, _):
        status, body = sending.post(f"{address}/report", b"{}")
    assert (status, len(body)) == (200, sending.LONGEST_ANSWER)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_board_cannot_send_a_student_elsewhere(status):
    def elsewhere(handler):
        handler.send_response(status)
        handler.send_header("Location", "/elsewhere")
        handler.end_headers()

    with odd_server(elsewhere) as (address, asked):
        assert sending.post(f"{address}/report", b"{}")[0] == status
        assert asked == ["/report"]


def test_a_proxy_is_not_asked(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)

    def fine(handler):
        handler.send_response(200)
        handler.end_headers()

    with odd_server(fine) as (address, _):
        assert sending.post(address, b"{}")[0] == 200


NO_BOARD = [
    OSError("gone"),
    (500, b"sorry"),
    (503, b'{"problem": "the disk is full"}'),
    (429, b'{"problem": "later"}'),
    (302, b""),
    (200, b"<html>"),
    (200, b"[" * 4000),
    (200, b"[]"),
    (200, b"\xff"),
    (404, b"not found"),
    (400, b"[1]"),
]


@pytest.mark.parametrize("answer", NO_BOARD, ids=str)
def test_what_is_no_answer_of_a_board_loses_nothing(network, answer):
    post = network()
    post.answers = [answer, answer]
    check(right, "relu")
    assert all_sent(sender())
    assert len(post.outcomes()) == 3
    assert len({one["id"] for one in post.outcomes()}) == 1


def test_what_the_board_will_never_take_is_sent_once(network):
    post = network()
    post.answers = [(400, b'{"problem": "no"}')]
    check(right, "relu")
    assert all_sent(sender())
    check(wrong, "relu")
    assert all_sent(sender())
    assert [one["state"] for one in post.outcomes()] == ["passed", "failed"]


def test_a_name_that_the_teacher_does_not_want_is_not_sent_again(network):
    post = network((403, b'{"problem": "Your teacher has removed this code name."}'))
    assert "has removed this code name" in post.note.message
    assert check(right, "relu").passed
    assert post.outcomes() == []


def test_while_the_board_is_gone_only_the_last_outcomes_wait(network):
    post = network()
    post.started.clear()
    post.gate.clear()
    for number in range(sending.MOST_WAITING + 100):
        sender().put({"id": number})
    assert sender().waiting() == sending.MOST_WAITING
    post.gate.set()
    assert all_sent(sender())
    sent = {one["id"] for one in post.outcomes()}
    assert sent >= set(range(100 + sending.AT_ONCE, sending.MOST_WAITING + 100))
    assert max(len(message["outcomes"]) for _, message in post.messages) <= sending.AT_ONCE


def test_whoever_leaves_sends_nothing_more(network):
    post = network()
    left = sender()
    post.started.clear()
    post.gate.clear()
    check(right, "relu")
    assert post.started.wait(WAIT)
    check(wrong, "relu")
    exercises.leave()
    check(wrong, "relu")
    post.gate.set()
    assert left.waiting() == 0
    assert board._joined is None
    post.wait_for(lambda: post.ended == len(post.messages))
    assert [one["state"] for one in post.outcomes()] == ["passed"]


def test_the_answer_says_how_the_board_calls_a_student(network):
    assert network().note.message.startswith("You have joined the class board as Otter.")
    other = network((200, b'{"name": "Otter 2"}'))
    assert "on the board you are Otter 2" in other.note.message


def test_a_hostile_name_in_the_answer_is_shown_as_text(network):
    note = network((200, b'{"name": "<script>alert(1)</script>"}')).note
    assert "<script>" not in note._repr_html_()


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("Otter", "Otter"),
        ("  big \n\t otter ", "big otter"),
        ("Größe 7", "Größe 7"),
        ("水獭", "水獭"),
        ("a\u202eb\u200b\x00c", "abc"),
        ("x" * 24, "x" * 24),
        ("x" * 25, ""),
        (" \u200b", ""),
        ("", ""),
        (None, ""),
        (7, ""),
    ],
)
def test_a_code_name_is_short_and_has_nothing_invisible(name, clean):
    assert board.clean_name(name) == clean


def test_a_name_that_will_not_do_joins_nothing():
    assert "Choose a code name" in exercises.join("http://127.0.0.1:1", " ").message
    assert board._joined is None


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("http://192.168.1.20:8899", "http://192.168.1.20:8899"),
        (" 192.168.1.20:8899/ ", "http://192.168.1.20:8899"),
        ("https://board.school/", "https://board.school"),
        ("http://[::1]:8899", "http://[::1]:8899"),
        ("file:///etc/passwd", None),
        ("ftp://host", None),
        ("http://", None),
        ("http://host:port", None),
        ("http://host:99999", None),
        ("http://me@host", None),
        ("http://a b", None),
        ("http://[", None),
        ("", None),
        (7, None),
    ],
)
def test_an_address_is_that_of_a_web_server(address, url):
    assert board.address_of(address) == url


def test_an_address_that_is_none_joins_nothing():
    assert "The address looks like" in exercises.join("file:///etc/passwd", "Otter").message
    assert board._joined is None


def test_after_a_restart_a_student_is_the_same(network):
    first = network()
    check(right, "relu")
    second = network()
    check(right, "relu")
    other = network(name="Badger")
    students = [post.messages[0][1]["student"] for post in (first, second, other)]
    assert students[0] == students[1] != students[2]


def test_outcomes_are_kept_in_a_file_that_the_board_can_load(progress_file, tmp_path):
    note = exercises.join(None, "Big Otter")
    check(wrong, "relu")
    check(right, "relu")
    kept = progress_file.with_name("class_board_big-otter.jsonl")
    assert kept.name in note.message
    lines = kept.read_text(encoding="utf-8").splitlines()
    assert all(outcome_in(json.loads(line)) for line in lines)
    teacher = Board(tmp_path / "board.jsonl")
    assert teacher.load(lines) == (2, 0)
    assert teacher.load(lines) == (0, 0)  # once more counts nothing twice
    assert list(teacher.names.values()) == ["Big Otter"]


def test_where_no_file_is_kept_join_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("SCRATCHCNN_PROGRESS", "")
    monkeypatch.chdir(tmp_path)
    assert "Outcomes are not kept" in exercises.join(None, "Otter").message
    check(right, "relu")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_stops_nobody(monkeypatch, tmp_path, network):
    blocked = tmp_path / "file"
    blocked.touch()
    monkeypatch.setenv("SCRATCHCNN_PROGRESS", str(blocked / "below.json"))
    post = network()
    assert check(right, "relu").passed
    post.wait_for(lambda: post.outcomes())


def test_where_no_thread_can_be_started_join_says_so(monkeypatch):
    def refuse(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert "Nothing can be sent" in exercises.join("http://127.0.0.1:1", "Otter").message
    assert check(right, "relu").passed


def test_where_workbooks_are_checked_by_others_nobody_joins(monkeypatch):
    monkeypatch.setenv("SCRATCHCNN_BOARD", "off")
    assert "switched off" in exercises.join("http://127.0.0.1:1", "Otter").message
    assert board._joined is None


@pytest.fixture
def browser(monkeypatch):
    """A browser's Python: no threads, but an event loop, and a page that fetches."""
    fetched = []

    async def pyfetch(url, body, **options):
        answers = browser.answers
        fetched.append(json.loads(body))
        status, content = answers.pop(0) if answers else (200, b'{"name": "Otter"}')
        if status == 0:
            raise OSError("Failed to fetch")

        async def read():
            return content

        return SimpleNamespace(status=status, bytes=read)

    browser = SimpleNamespace(fetched=fetched, answers=[])
    monkeypatch.setitem(sys.modules, "pyodide.http", SimpleNamespace(pyfetch=pyfetch))
    monkeypatch.setattr(sys, "platform", "emscripten")
    monkeypatch.setattr(threading.Thread, "start", None)
    return browser


def test_in_a_browser_the_page_sends(browser):
    async def notebook():
        exercises.join("http://board:8899", "Otter")
        assert check(right, "relu").passed
        assert browser.fetched == []  # a check does not wait for the page
        await sender()._task
        assert sender().waiting() == 0

    asyncio.run(notebook())
    assert [len(message["outcomes"]) for message in browser.fetched] == [1]


def test_in_a_browser_what_could_not_be_sent_is_sent_with_the_next_check(browser):
    async def notebook():
        browser.answers = [(0, b""), (500, b""), (200, b"<html>")]
        exercises.join("http://board:8899", "Otter")
        for _ in range(4):
            check(right, "relu")
            await sender()._task
        assert sender().waiting() == 0

    asyncio.run(notebook())
    assert [len(message["outcomes"]) for message in browser.fetched] == [1, 2, 3, 4]


def test_checks_arrive_on_a_real_board(tmp_path):
    with running_board(Board(tmp_path / "board.jsonl")) as running:
        assert "joined" in exercises.join(running.address, "Otter").message
        check(wrong, "relu")
        check(right, "relu")
        assert all_sent(sender())
        (work,) = running.board.hour.values()
        assert work.cells["relu"].passed
        assert work.cells["relu"].wrong.total() == 1


def test_leaving_without_having_joined_is_no_error():
    exercises.leave()
    assert "have not joined" in exercises.leave().message
