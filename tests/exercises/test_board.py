"""A student joins the class board: what is sent, under which name, and what is kept."""

import json
import threading

import pytest
from board_messages import outcome_in
from board_network import Post, all_sent, right, sender, wrong
from board_state import Board
from running_board import running_board

from scratchcnn import exercises
from scratchcnn.exercises import NotDone, board, check, hint, sending
from scratchcnn.exercises.declaration import EXERCISES


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


def test_a_name_that_the_teacher_does_not_want_is_not_sent_again(network):
    post = network((403, b'{"problem": "Your teacher has removed this code name."}'))
    assert "has removed this code name" in post.note.message
    assert check(right, "relu").passed
    assert post.outcomes() == []


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


def test_where_workbooks_are_checked_by_others_nobody_joins(monkeypatch):
    monkeypatch.setenv("SCRATCHCNN_BOARD", "off")
    assert "switched off" in exercises.join("http://127.0.0.1:1", "Otter").message
    assert board._joined is None


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
