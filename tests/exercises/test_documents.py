"""What is written about the exercises: the table for teachers, and how to add one."""

import re
from pathlib import Path

import mistakes
from solving import defined

from scratchcnn.exercises.checking import examine
from scratchcnn.exercises.declaration import EXERCISES

CONTRIBUTING = Path(__file__).parent.parent.parent / "CONTRIBUTING.md"


def test_the_table_of_typical_wrong_answers_is_that_of_the_declarations():
    written = mistakes.PAGE.read_text(encoding="utf-8")
    assert written == mistakes.table(), "run `python tools/mistakes.py`"


def test_the_example_of_the_guide_declares_an_exercise(tmp_path, monkeypatch):
    section = CONTRIBUTING.read_text(encoding="utf-8").partition("## Add an exercise")[2]
    (example,) = re.findall(r"```python\n(.*?)```", section.partition("\n## ")[0], re.DOTALL)
    assert len(example.splitlines()) <= 30
    (tmp_path / "example_topic.py").write_text(example, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    try:
        import example_topic  # noqa: F401

        exercise = EXERCISES["leaky_relu"]
        assert examine(exercise.reference, exercise).passed
        for mistake in exercise.mistakes:
            assert examine(mistake.function, exercise).mistake == mistake.name
        assert examine(defined(exercise.source, "leaky_relu"), exercise).passed
    finally:
        EXERCISES.pop("leaky_relu", None)
