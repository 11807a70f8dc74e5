"""Write the table of typical wrong answers to docs/mistakes.md, for teachers.

python tools/mistakes.py
"""

from pathlib import Path

from scratchcnn import exercises  # noqa: F401  # declares all exercises
from scratchcnn.exercises.declaration import EXERCISES

PAGE = Path(__file__).parent.parent / "docs" / "mistakes.md"

HEAD = """# What students get wrong, and what the workbook says

For each exercise: the typical wrong answers that a check knows by name, and what it says to them.
`python tools/mistakes.py` writes this page from the declarations in `scratchcnn/exercises/topics`.
"""


def table() -> str:
    """Return the page."""
    parts = [HEAD]
    for exercise in sorted(EXERCISES.values(), key=lambda each: each.lesson):
        parts.append(f"\n## {exercise.name} (lesson {exercise.lesson:02})\n\n")
        parts.append("| Mistake | What the check says |\n|---|---|\n")
        for mistake in exercise.mistakes:
            message = mistake.message.replace("|", "\\|").replace("*", "\\*").replace("_", "\\_")
            parts.append(f"| {mistake.name} | {message} |\n")
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(table(), encoding="utf-8")
