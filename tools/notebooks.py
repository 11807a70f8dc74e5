"""Execute the notebooks in place, or convert them to pages that can be read without Jupyter.

python tools/notebooks.py execute [01 02 ...]
python tools/notebooks.py html [01 02 ...]

The workbook is named with its folder: workbook/01.
"""

import argparse
import re
import sys
from pathlib import Path

import nbformat
from latex2mathml.converter import convert as latex_to_mathml
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from tqdm import tqdm

ROOT = Path(__file__).parent.parent
NOTEBOOKS = ROOT / "notebooks"
PAGES = ROOT / "build" / "html"
TEMPLATES = ROOT / "tools" / "templates"

# What comes before a minus that is a sign, not a subtraction: another operator, or "(".
OPERATOR = r"<mo[^>]*>(?!&#x0*(?:29|5D);|[])])[^<]*</mo>(?:<mspace[^>]*>)?"
LOGARITHM = r"<mi>log</mi>|<msub><mi>log</mi>.*?</msub>"

STYLE = """<style>
body { max-width: 66rem; margin: 0 auto; }
math { font-family: "Latin Modern Math", "STIX Two Math", "Cambria Math",
  "DejaVu Math TeX Gyre", math; font-size: 1.08em; }
mtd[columnalign="left"] { text-align: left; }
.jp-CodeCell > details > summary { margin-left: 5rem; font: 0.9rem sans-serif; color: #555; }
</style>
"""

# Code in backquotes, or a formula between two or single dollars.
FORMULA = re.compile(
    r"```.*?```|`[^`]*`|\$\$(?P<block>.+?)\$\$|\$(?P<inline>[^$\n]+(?:\n[^$\n]+)?)\$", re.DOTALL
)


def main() -> None:
    """Run the command given on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=["execute", "html"])
    parser.add_argument("names", nargs="*", help="starts of file names, such as 01; default: all")
    arguments = parser.parse_args()
    # The workbook is to be written in, so it has no pages.
    patterns = ["*.ipynb", "workbook/*.ipynb"] if arguments.command == "execute" else ["*.ipynb"]
    paths = [
        path
        for path in sorted(path for pattern in patterns for path in NOTEBOOKS.glob(pattern))
        if not arguments.names
        or path.relative_to(NOTEBOOKS).as_posix().startswith(tuple(arguments.names))
    ]
    if not paths:
        sys.exit(f"no notebook begins with {' or '.join(arguments.names)}")
    for path in paths:
        notebook = execute(path)
        if arguments.command == "execute":
            nbformat.write(notebook, path)
        else:
            write_page(notebook, path)


def execute(path: Path) -> nbformat.NotebookNode:
    """Return the notebook with all cells freshly executed, showing progress cell by cell."""
    notebook = nbformat.read(path, as_version=4)
    code_cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    with tqdm(total=code_cells, desc=path.stem, unit="cell") as bar:
        NotebookClient(
            notebook,
            timeout=600,
            kernel_name="python3",
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


def write_page(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Write the executed notebook as a page to build/html/."""
    PAGES.mkdir(parents=True, exist_ok=True)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = with_mathml(cell.source)
    exporter = HTMLExporter(template_name="pages", extra_template_basedirs=[str(TEMPLATES)])
    page, _ = exporter.from_notebook_node(notebook, resources={"metadata": {"name": path.stem}})
    # Formulas and explorers are already drawn, so nothing needs to be fetched.
    page = re.sub(r"<script[^>]*\bsrc=[^>]*>\s*</script>", "", page)
    page = page.replace("</head>", f"{STYLE}</head>")
    (PAGES / f"{path.stem}.html").write_text(page, encoding="utf-8")


def with_mathml(markdown: str) -> str:
    """Return the text with its formulas as MathML, which browsers draw without the internet."""

    def convert(match: re.Match) -> str:
        block, inline = match["block"], match["inline"]
        if block is None and inline is None:
            return match[0]  # code, where a dollar is a dollar
        mathml = latex_to_mathml(block or inline, display="block" if block else "inline")
        if "<mi>&</mi>" in mathml or "<mi>\\" in mathml:
            raise ValueError(f"no MathML for a part of {match[0]}")
        # The converter misses two visible details: in "= -7" the minus belongs to the 7, and
        # "log p" is not "logp".
        mathml = re.sub(rf"({OPERATOR})<mo>(?=&#x0*2212;)", r'\1<mo form="prefix">', mathml)
        return re.sub(rf"({LOGARITHM})(?!<mo)", r'\1<mspace width="0.17em"/>', mathml)

    return FORMULA.sub(convert, markdown)


if __name__ == "__main__":
    main()
