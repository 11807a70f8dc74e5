"""Run saved notebooks of the workbook in a fresh kernel, and say what their checks say.

python tools/check_workbook.py [notebooks/my_workbook/01_convolution.ipynb ...]

Without names, these are your working copies, or the originals if there are no copies.

What a function needs must stand in the saved notebook: what a kernel has left over from earlier
cells, deleted since, does not count. The notebooks are not changed, nor is your progress.
"""

import argparse
import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
SIGNS = "✓✗…"  # with which the answers of a check begin
TIMEOUT = 60  # seconds for each cell


def main() -> None:
    """Print the answers; the exit code is 0 if all checks have passed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="*", type=Path)
    os.environ["SCRATCHCNN_PROGRESS"] = ""  # the kernel inherits both
    os.environ["SCRATCHCNN_BOARD"] = "off"
    passed = True
    for path in parser.parse_args().paths or workbooks():
        print(path.stem)
        found = answers(path)
        for answer in found:
            print("  " + answer.replace("\n", "\n  "))
        passed &= bool(found) and all(answer.startswith("✓") for answer in found)
    sys.exit(not passed)


def workbooks(notebooks: Path = NOTEBOOKS) -> list[Path]:
    """Return the student's working copies, or the originals if there are none."""
    copies = sorted(notebooks.glob("my_workbook/[0-9][0-9]_*.ipynb"))
    return copies or sorted(notebooks.glob("workbook/*.ipynb"))


def answers(path: Path, timeout: int = TIMEOUT) -> list[str]:
    """Return what the checks of a notebook say, and the errors of cells, in order."""
    notebook = nbformat.read(path, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in cells:
        cell.outputs = []  # what was saved does not count
    client = NotebookClient(
        notebook,
        timeout=timeout,
        allow_errors=True,
        kernel_name="python3",
        extra_arguments=["--log-level=ERROR"],  # not that a kernel on this machine is not encrypted
        resources={"metadata": {"path": str(path.parent.resolve())}},
    )
    stopped = []
    try:
        client.execute()
    except CellTimeoutError:
        stopped = [f"✗ A cell took longer than {timeout} seconds, so the rest was not run."]
    except DeadKernelError:
        stopped = ["✗ Python ended before the notebook did, so the rest was not run."]
    found = [text for cell in cells for text in map(text_of, cell.outputs) if text]
    if stopped and found and "KeyboardInterrupt" in found[-1]:  # that was us
        found.pop()
    return found + stopped


def text_of(output: nbformat.NotebookNode) -> str:
    """Return the words of a check or of an error; nothing for other outputs."""
    if output.output_type == "error":
        return f"✗ A cell stopped with {output.ename}: {output.evalue}"
    text = output.get("data", {}).get("text/plain", "")
    return text if text[:1] in SIGNS else ""


if __name__ == "__main__":
    main()
