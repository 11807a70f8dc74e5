"""The web server of the class board, before friendly and hostile clients."""

import json
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import board as command
import board_server
import pytest
from board_state import Board
from running_board import running_board

ROOT = Path(__file__).parent.parent.parent
REPORT = {
    "student": "a" * 24,
    "name": "Otter",
    "outcomes": [
        {"id": "b" * 16, "exercise": "relu", "state": "passed", "mistake": "", "hints": 0}
    ],
}
GET = b"GET / HTTP/1.0\r\n\r\n"
FOR_TEACHER = ["/state", "/class_board.csv"]


@pytest.fixture
def running(tmp_path):
    with running_board(Board(tmp_path / "board.jsonl")) as one:
        yield one


def raw(running, data, seconds=20):
    """Send bytes, and return what comes back until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", running.port), timeout=seconds) as connection:
        connection.sendall(data)
        received = b""
        try:
            while part := connection.recv(10_000):
                received += part
        except ConnectionError:
            pass
        return received


def test_a_report_is_counted_and_answered_with_the_name(running):
    status, headers, body = running.ask("POST", "/report", REPORT)
    assert (status, json.loads(body)) == (200, {"name": "Otter"})
    assert headers["Access-Control-Allow-Origin"] == "*"  # a notebook in a browser may report
    _, state = running.as_teacher("GET", "/state")
    assert state["exercises"][0] == {"name": "relu", "solved": 1, "trying": 0}
    assert state["address"] == "http://10.0.0.7:8899"


def test_a_browser_that_asks_first_may_report(running):
    status, headers, _ = running.ask("OPTIONS", "/report")
    assert status == 204
    assert headers["Access-Control-Allow-Headers"] == "Content-Type"


def test_the_page_asks_again_and_gets_nothing_until_something_changes(running):
    _, state = running.as_teacher("GET", "/state")
    again = f"/state?since={state['version']}"
    assert running.as_teacher("GET", again)[0] == 204
    running.ask("POST", "/report", REPORT)
    assert running.as_teacher("GET", again)[0] == 200


@pytest.mark.parametrize("path", FOR_TEACHER)
@pytest.mark.parametrize("key", [None, "wrong", "ü"])
def test_without_the_key_nobody_sees_outcomes(running, path, key):
    running.ask("POST", "/report", REPORT)
    headers = {"key": key} if key is None or key.isascii() else {"Cookie": "scratchcnn_board=\xfc"}
    status, answered, body = running.ask("GET", path, **headers)
    assert status == 403
    assert "Otter" not in body
    assert "Access-Control-Allow-Origin" not in answered


def test_without_the_key_nobody_does_what_the_teacher_does(running):
    running.ask("POST", "/report", REPORT)
    order = {"action": "new hour"}
    assert running.ask("POST", "/act", order, "wrong", **{"X-Board": "1"})[0] == 403
    # Nor does a page of another address, which a browser lets send cookies but no such header.
    assert running.ask("POST", "/act", order, running.board.key)[0] == 403
    assert len(running.board.hour) == 1
    assert running.as_teacher("POST", "/act", order)[0] == 200
    assert running.board.hour == {}


def test_the_key_becomes_a_cookie_and_leaves_the_address(running):
    status, headers, _ = running.ask("GET", f"/?key={running.board.key}")
    assert (status, headers["Location"]) == (302, "/")
    cookie = headers["Set-Cookie"]
    assert running.board.key in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "board.js" in running.ask("GET", "/", key=running.board.key)[2]


@pytest.mark.parametrize("path", ["/", "/?key=wrong"])
def test_others_read_how_to_join(running, path):
    status, headers, body = running.ask("GET", path)
    assert status == 200
    assert 'exercises.join("http://10.0.0.7:8899", "code name")' in body.replace("&quot;", '"')
    assert "board.js" not in body
    assert "default-src 'self'" in headers["Content-Security-Policy"]


def test_the_pages_ask_for_nothing_outside():
    for path in board_server.PAGE.iterdir():
        assert re.findall(r"(?:https?:)?//[a-z]", path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "body",
    [b"", b"x", b"{", b"[]", b"\xff", b"NaN", b"[" * 60_000, b"9" * 60_000, b'{"student": []}'],
    ids=lambda body: str(body[:20]),
)
@pytest.mark.parametrize("path", ["/report", "/act"])
def test_garbage_is_refused_in_a_sentence(running, path, body):
    headers = {"X-Board": "1"}
    status, _, answer = running.ask("POST", path, body, running.board.key, **headers)
    assert status == 400
    assert set(json.loads(answer)) == {"problem"}


@pytest.mark.parametrize(
    "order",
    [{"action": "explode"}, {"action": []}, {"action": "load"}, {"action": "load", "lines": 3}],
    ids=str,
)
def test_unknown_orders_are_refused(running, order):
    assert running.as_teacher("POST", "/act", order)[0] == 400


@pytest.mark.parametrize("number", [None, [], "1", 99, {}])
def test_removing_nobody_removes_nobody(running, number):
    running.ask("POST", "/report", REPORT)
    running.as_teacher("POST", "/act", {"action": "remove", "number": number})
    assert len(running.board.hour) == 1


def test_all_names_of_a_computer_are_removed_at_once(running):
    for digit in "abc":
        running.ask("POST", "/report", {**REPORT, "student": digit * 24})
    _, state = running.as_teacher("GET", "/state")
    assert [one["neighbors"] for one in state["students"]] == [3, 3, 3]
    running.as_teacher("POST", "/act", {"action": "remove computer", "number": 2})
    assert running.board.hour == {}
    assert running.ask("POST", "/report", REPORT)[0] == 403


def test_a_student_page_never_gets_the_number_that_another_one_reports_under(running):
    running.ask("POST", "/report", REPORT)
    assert REPORT["student"] not in json.dumps(running.as_teacher("GET", "/state")[1])


def test_one_computer_has_a_limit_of_names(tmp_path):
    board = Board(tmp_path / "board.jsonl")
    with running_board(board, per_computer=2) as running:
        answers = [
            running.ask("POST", "/report", {**REPORT, "student": digit * 24})[0]
            for digit in "abcda"
        ]
    assert answers == [200, 200, 403, 403, 200]


def test_files_of_students_are_loaded(running):
    line = json.dumps({**REPORT["outcomes"][0], "student": "c" * 24, "name": "Newt"})
    order = {"action": "load", "lines": [line, line, "{", 3]}
    assert running.as_teacher("POST", "/act", order) == (200, {"new": 1, "bad": 1})


def test_a_giant_message_is_not_even_read(running):
    head = b"POST /report HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000000\r\n\r\n"
    assert b"200" not in raw(running, head + b"x" * 100_000)[:20]
    assert running.ask("POST", "/report", REPORT)[0] == 200


@pytest.mark.parametrize(("longer", "taken"), [(0, True), (1, False)])
def test_a_message_has_a_limit(running, longer, taken):
    body = json.dumps(REPORT).encode().ljust(board_server.MOST_BYTES + longer)
    head = b"POST /report HTTP/1.0\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body)
    assert (b"200 OK" in raw(running, head + body)) == taken


def test_endless_headers_end_the_connection(running):
    assert b"200" not in raw(running, b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 10_000)[:20]
    assert running.ask("POST", "/report", REPORT)[0] == 200


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"POST /report HTTP/1.1\r\nHost: x\r\n",
        b"POST /report HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
    ],
    ids=["nothing", "half the headers", "half the message"],
)
def test_whoever_begins_and_does_not_go_on_is_hung_up_on(tmp_path, monkeypatch, begun):
    monkeypatch.setattr(board_server, "SECONDS", 0.2)
    with running_board(Board(tmp_path / "board.jsonl")) as running:
        raw(running, begun)  # returns when the server closes


def test_nobody_can_take_all_connections(tmp_path, monkeypatch):
    monkeypatch.setattr(board_server, "is_loopback", lambda address: False)
    monkeypatch.setattr(board_server, "MOST_OF_ONE", 3)
    with running_board(Board(tmp_path / "board.jsonl")) as running:
        kept = [socket.create_connection(("127.0.0.1", running.port), 20) for _ in range(3)]
        assert raw(running, GET) == b""  # the fourth is closed without an answer
        monkeypatch.setattr(board_server, "is_loopback", lambda address: True)
        assert running.ask("POST", "/report", REPORT)[0] == 200  # the teacher gets in
        for one in kept:
            one.close()
        monkeypatch.setattr(board_server, "is_loopback", lambda address: False)
        end = time.monotonic() + 20
        while raw(running, GET) == b"":  # until it has noticed
            assert time.monotonic() < end


def test_a_computer_that_sends_without_end_is_told_to_wait(running, monkeypatch):
    monkeypatch.setattr(board_server, "PER_SECOND", 0)
    monkeypatch.setattr(board_server, "AT_FIRST", 3)
    answers = [running.ask("POST", "/report", REPORT)[0] for _ in range(5)]
    assert answers == [200, 200, 200, 429, 429]
    assert running.as_teacher("GET", "/state")[0] == 200


def test_addresses_are_those_that_others_can_reach():
    assert not any(map(board_server.is_loopback, command.addresses()))
    assert board_server.is_loopback("127.0.0.5")
    assert board_server.is_loopback("::1")
    assert not board_server.is_loopback("192.168.1.20")
    assert not board_server.is_loopback("fe80::1%eth0")


def start(*options):
    return subprocess.Popen(
        [sys.executable, ROOT / "tools" / "board.py", "--no-browser", *map(str, options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_the_command_prints_what_to_open_and_what_to_type(tmp_path):
    kept = tmp_path / "homework" / "one.jsonl"
    kept.parent.mkdir()
    kept.write_text(json.dumps({**REPORT["outcomes"][0], "student": "c" * 24, "name": "Newt"}))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    options = ["--port", port, "--file", tmp_path / "b.jsonl", "--load", kept.parent]
    server = start(*options)
    printed = ""
    try:
        for line in server.stdout:
            printed += line
            if "kept in" in line:
                break
        assert f"http://127.0.0.1:{port}/?key=" in printed
        assert f'exercises.join("http://127.0.0.1:{port}", "code name")' in printed
        assert "Only notebooks on this computer can join" in printed
        assert "outcomes that are new: 1" in printed
        other = start(*options)
        said, _ = other.communicate(timeout=60)
        assert other.returncode == 1
        assert f"Port {port} cannot be used" in said
    finally:
        server.kill()
        server.communicate()


def test_a_file_that_cannot_be_used_is_said_in_a_sentence(tmp_path):
    done = start("--file", tmp_path)
    said, _ = done.communicate(timeout=60)
    assert done.returncode == 1
    assert "The board cannot use" in said
    assert "Traceback" not in said
