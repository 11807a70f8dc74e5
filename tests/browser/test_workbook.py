"""The workbook in a real JupyterLab, written with the keyboard alone: every check turns green."""

import copy

import nbformat
import pytest
from browser.lab import opened, screenshot
from solving import WORKBOOK, solve

# What the cells of the notebook in front show, once all of them have run.
SHOWN = """() => {
    const cells = jupyterapp.shell.currentWidget.content.widgets;
    const code = cells.filter((cell) => cell.model.type === "code");
    if (code.some((cell) => cell.model.executionCount === null)) return null;
    const outputs = code.flatMap((cell) => cell.model.sharedModel.outputs ?? []);
    return outputs.map((out) => String(out.data?.["text/plain"] ?? out.text ?? out.evalue));
}"""


def write(page, stub, solved):
    """Replace the end of the cell in which the cursor is, where it differs from the solution."""
    old, new = stub.splitlines(), solved.splitlines()
    same = next(k for k, (ours, theirs) in enumerate(zip(old, new, strict=False)) if ours != theirs)
    page.keyboard.press("Control+End")
    for _ in old[same + 1 :]:
        page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("Shift+Home")  # to the first letter of the line ...
    page.keyboard.press("Shift+Home")  # ... and to its very beginning
    for number, line in enumerate(new[same:]):
        if number:
            page.keyboard.press("Enter")
            page.keyboard.press("Shift+Home")  # what the editor has indented by itself
        page.keyboard.type(line)


@pytest.mark.parametrize("place", ["lab"], indirect=True)  # test_lite.py types in a browser's
@pytest.mark.parametrize("path", WORKBOOK, ids=lambda path: path.stem)
def test_solutions_typed_with_the_keyboard_turn_every_check_green(workbench, path):
    cells, names = nbformat.read(path, as_version=4).cells, []
    with opened(workbench, f"workbook/{path.name}") as page:
        page.wait_for_function("document.activeElement.closest('.jp-Notebook')")
        for cell in cells:
            solved = copy.copy(cell)
            if cell.cell_type == "code" and (found := solve(solved)):
                page.keyboard.press("Enter")  # into the cell
                write(page, cell.source, solved.source)
                names += found
            page.keyboard.press("Control+Enter" if cell is cells[-1] else "Shift+Enter")
        shown = page.wait_for_function(SHOWN, timeout=150_000).json_value()
        page.keyboard.press("Control+S")  # other notebooks use what is written in this one
        page.wait_for_function("!jupyterapp.shell.currentWidget.context.model.dirty")
        screenshot(page, f"workbook-{path.name[:2]}")
    assert names
    for name in names:
        assert any(text.startswith(f"✓ {name} is right") for text in shown), shown
