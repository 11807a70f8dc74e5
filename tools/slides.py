"""Make slides of the lessons, for a projector: pages of reveal.js that need no internet.

python tools/slides.py mark [01 02 ...]    write a slide type into the metadata of each cell
python tools/slides.py build [01 02 ...]   write the slides to build/slides/

A slide type says where a slide begins: "slide" at a heading or a question, "subslide" where a
slide would grow taller than the screen, "skip" for what is not shown, "-" for what stays on the
slide of the cell before. `mark` writes the types anew, from what each cell holds.
"""

import argparse
import math
import re
import shutil
from importlib.util import find_spec
from pathlib import Path

import nbformat
from formulas import with_mathml
from lessons import is_folded, lessons, tags
from nbconvert import SlidesExporter
from nbformat import NotebookNode
from png import size
from traitlets.config import Config

ROOT = Path(__file__).parent.parent
SLIDES = ROOT / "build" / "slides"
TEMPLATES = ROOT / "tools" / "templates"

# How tall a cell is on a slide of 1280 x 720 pixels, by what is in it.
ROOM = 640
CHARACTERS_PER_LINE = 100
TEXT_LINE, CODE_LINE, HEADING, GAP = 31, 25, 70, 16


def mark(notebook: NotebookNode) -> None:
    """Write the slide type of every cell into its metadata."""
    used = 0.0
    for cell in notebook.cells:
        needed = height(cell)
        if "optional" in tags(cell) or not needed:
            kind = "skip"
        elif re.match("##? ", cell.source) or "predict" in tags(cell):
            kind, used = "slide", needed
        elif used + needed > ROOM:
            kind, used = "subslide", needed
        else:
            kind, used = "-", used + needed
        cell.metadata["slideshow"] = {"slide_type": kind}


def height(cell: NotebookNode) -> float:
    """Return about how many pixels a cell takes on a slide; 0 if there is nothing to see."""
    if cell.cell_type == "markdown":
        return sum(text_height(part) for part in re.split(r"\n\s*\n", cell.source)) + GAP
    total = 0.0
    if not is_folded(cell):
        total += CODE_LINE * len(cell.source.splitlines()) + GAP
    for output in cell.outputs:
        data, metadata = output.get("data", {}), output.get("metadata", {})
        if "image/png" in data:
            total += picture_height(data["image/png"], metadata.get("image/png", {})) + GAP
        else:
            text = output.get("text") or data.get("text/plain", "")
            total += CODE_LINE * len(text.splitlines()) + GAP
    return total


def text_height(paragraph: str) -> float:
    """Return about how many pixels a paragraph takes; answers to a question are closed."""
    if paragraph.startswith("#"):
        return HEADING
    if paragraph.startswith("$$"):
        return 3 * TEXT_LINE
    lines = paragraph.splitlines()
    if lines[0].startswith(("|", "- ", "1. ")):
        return TEXT_LINE * len(lines)
    return TEXT_LINE * math.ceil(len(paragraph) / CHARACTERS_PER_LINE) + GAP


def picture_height(png: str, shown: NotebookNode) -> float:
    """Return the height in pixels at which a PNG, as base64, is shown."""
    width, height = size(png)
    return height * shown.get("width", width) / width


def build(notebook: NotebookNode, name: str) -> None:
    """Write the slides of one lesson to build/slides/."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            # A link to another lesson leads to its slides.
            cell.source = with_mathml(cell.source).replace(".ipynb)", ".html)")
    config = Config()
    config.TagRemovePreprocessor.remove_input_tags = {"hide-input"}
    config.TagRemovePreprocessor.enabled = True
    exporter = SlidesExporter(
        config=config,
        reveal_url_prefix="reveal.js",
        reveal_theme="white",
        template_name="slides",
        extra_template_basedirs=[str(TEMPLATES)],
    )
    page, _ = exporter.from_notebook_node(notebook, resources={"metadata": {"name": name}})
    SLIDES.mkdir(parents=True, exist_ok=True)
    (SLIDES / f"{name}.html").write_text(page, encoding="utf-8")


def copy_reveal() -> None:
    """Put reveal.js, which comes with sphinx-revealjs, beside the slides."""
    package = find_spec("sphinx_revealjs")
    if package is None or not package.submodule_search_locations:
        raise SystemExit('slides need reveal.js: pip install -e ".[test]"')
    source = Path(package.submodule_search_locations[0]) / "_static" / "revealjs"
    target = SLIDES / "reveal.js"
    shutil.copytree(source / "dist", target / "dist", dirs_exist_ok=True)
    shutil.copy(source / "LICENSE", target)


def main() -> None:
    """Run the command given on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=["mark", "build"])
    parser.add_argument("names", nargs="*", help="starts of file names, such as 01; default: all")
    arguments = parser.parse_args()
    for path in lessons():
        if arguments.names and not path.name.startswith(tuple(arguments.names)):
            continue
        notebook = nbformat.read(path, as_version=4)
        if arguments.command == "mark":
            mark(notebook)
            nbformat.write(notebook, path)
        else:
            build(notebook, path.stem)
    if arguments.command == "build":
        copy_reveal()
        print(f"open {SLIDES.relative_to(ROOT)}/*.html in a browser")


if __name__ == "__main__":
    main()
