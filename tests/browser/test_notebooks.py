"""Every notebook of the course, run from top to bottom in a real JupyterLab."""

import pytest
from browser.lab import (
    ROOT,
    OnPage,
    open_notebook,
    run_all,
    screenshot,
    wait_for_kernel,
    write_notebook,
)

NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))

OUTPUTS = """() => {
    const cells = jupyterapp.shell.currentWidget.content.widgets;
    const outputs = cells.flatMap((cell) => cell.model.sharedModel.outputs ?? []);
    const explorers = outputs.filter((output) =>
        output.data && "application/vnd.jupyter.widget-view+json" in output.data
        && String(output.data["text/plain"]).includes("run this cell to play with it"));
    const errors = outputs.filter((output) => output.output_type === "error");
    return [explorers.length, errors.map((output) => output.evalue)];
}"""


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_all_cells_run_and_all_explorers_show(open_page, lab, name):
    page, watch = open_notebook(open_page, lab, name)
    run_all(page, seconds=180)
    explorers, errors = page.evaluate(OUTPUTS)
    assert errors == []
    if explorers:
        # Cells out of sight are drawn when they come into view.
        for cell in page.locator(".jp-CodeCell").all():
            cell.scroll_into_view_if_needed()
        page.wait_for_function(
            "count => document.querySelectorAll('.sc-picture[alt]').length === count", arg=explorers
        )
        for number in range(explorers):
            on_page = OnPage(page, number)
            on_page.root.scroll_into_view_if_needed()
            on_page.wait_until("root.querySelector('.sc-picture').naturalWidth > 100")
            assert on_page.alt
            assert on_page.error == ""
            screenshot(page, f"notebook-{name[:2]}-{number}")
    page.evaluate("jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    page.close()
    watch.assert_clean()


def test_explorers_work_in_notebook_7_too(open_page, lab):
    pytest.importorskip("notebook", reason="Notebook 7 is not installed")
    address = lab[0].replace("/lab", "/notebooks")
    write_notebook(lab[1] / "empty.ipynb", [])
    page, bare = open_page(f"{address}/empty.ipynb")
    wait_for_kernel(page)
    page.close()
    page, watch = open_page(f"{address}/08_playground.ipynb")
    wait_for_kernel(page)
    run_all(page)
    page.wait_for_function("document.querySelectorAll('.sc-picture[alt]').length === 7")
    filters = OnPage(page, 1)
    filters.root.scroll_into_view_if_needed()
    filters.press("feature map", "Home")
    filters.wait_for("caption", "Row 12, column 0:")
    filters.click("feature map", 0.52, 0.52)
    filters.wait_for("caption", "Row 13, column 13:")
    screenshot(page, "notebook7")
    page.close()
    # What Notebook itself complains of, with nothing in it, is not ours.
    watch.errors = [error for error in watch.errors if error not in bare.errors]
    watch.assert_clean()
