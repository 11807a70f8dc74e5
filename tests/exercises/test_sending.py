"""Outcomes on their way to the class board: nobody waits for it, and nothing is lost on the way."""

import asyncio
import json
import sys
import threading
from types import SimpleNamespace

import pytest
from board_network import WAIT, all_sent, right, sender, wrong
from running_board import odd_server, silent_server

from scratchcnn import exercises
from scratchcnn.exercises import board, check, sending


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


def test_where_no_thread_can_be_started_join_says_so(monkeypatch):
    def refuse(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert "Nothing can be sent" in exercises.join("http://127.0.0.1:1", "Otter").message
    assert check(right, "relu").passed


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
