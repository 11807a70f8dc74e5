"""Execute the notebooks in place.

python tools/notebooks.py execute [01 02 ...]

The workbook is named with its folder: workbook/01.
"""

import argparse
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from tqdm import tqdm

ROOT = Path(__file__).parent.parent
NOTEBOOKS = ROOT / "notebooks"


def main() -> None:
    """Run the command given on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=["execute"])
    parser.add_argument("names", nargs="*", help="starts of file names, such as 01; default: all")
    arguments = parser.parse_args()
    paths = [
        path
        for path in sorted([*NOTEBOOKS.glob("*.ipynb"), *NOTEBOOKS.glob("workbook/*.ipynb")])
        if not arguments.names
        or path.relative_to(NOTEBOOKS).as_posix().startswith(tuple(arguments.names))
    ]
    if not paths:
        sys.exit(f"no notebook begins with {' or '.join(arguments.names)}")
    for path in paths:
        nbformat.write(execute(path), path)


def execute(path: Path) -> nbformat.NotebookNode:
    """Return the notebook with all cells freshly executed, showing progress cell by cell."""
    notebook = nbformat.read(path, as_version=4)
    code_cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    with tqdm(total=code_cells, desc=path.stem, unit="cell") as bar:
        NotebookClient(
            notebook,
            timeout=600,
            kernel_name="python3",
            extra_arguments=["--log-level=ERROR"],  # not that a kernel here is not encrypted
            resources={"metadata": {"path": str(path.parent)}},
            store_widget_state=False,  # stored widget state breaks rendering on code hosts
            record_timing=False,  # times would change in every diff
            coalesce_streams=True,  # prints that arrive in pieces become one output
            on_cell_executed=lambda **_: bar.update(),
        ).execute()
    # The Python version that last executed it does not belong in the notebook.
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return notebook


if __name__ == "__main__":
    main()
