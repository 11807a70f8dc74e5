"""Gather what the website is made of in one folder, with links that hold there.

Lessons, guides and reference pages stand in different folders of the repository, and link to each
other by the paths that they have there. Here every page gets its place on the site, and every
link is rewritten. A link to another file of the repository becomes plain words; one that leads
nowhere is an error.
"""

import posixpath
import re
import shutil
import textwrap
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import nbformat
from nbformat import NotebookNode
from png import size

ROOT = Path(__file__).parent.parent.parent
# Pages from the top folder of the repository, and where they stand on the site.
PROJECT = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
# What only a site with the running course says.
RUNNING = re.compile(r"<!-- running -->\n(.*?)<!-- end -->\n", re.DOTALL)
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)#:\s]+)(#[^)\s]*)?\)")
ROW = re.compile(r"^\| \[[^\]]+\]\(notebooks/(\w+)\.ipynb\) \| (.+?) \| *(\d*) *\|$", re.MULTILINE)
FIRST = "01_convolution.ipynb"  # what is opened if nothing is named
LINE = 84  # characters of output that fit a page
WIDGET = "application/vnd.jupyter.widget-view+json"
# Teachers find this page by the menu; students should not find it by searching for an error.
HIDDEN = """---
nosearch: true
myst:
  html_meta:
    robots: noindex
---

"""


def gather(target: Path, running: bool) -> None:
    """Write the sources of the site to a folder.

    ``running`` says whether the running course is part of the site.
    """
    shutil.rmtree(target, ignore_errors=True)
    places = dict(pages())
    for source, place in places.items():
        path = target / place
        path.parent.mkdir(parents=True, exist_ok=True)
        links = Links(source, place, places, running)
        if source.endswith(".ipynb"):
            notebook = nbformat.read(ROOT / source, as_version=4)
            nbformat.write(lesson(notebook, links), path)
        elif source.endswith(".md"):
            text = links.follow((ROOT / source).read_text(encoding="utf-8"))
            if source == "docs/index.md":
                text = home(text, places)
            path.write_text(HIDDEN * (place == "mistakes.md") + text, encoding="utf-8")
        else:
            shutil.copyfile(ROOT / source, path)


def pages() -> Iterator[tuple[str, str]]:
    """Yield the path of each page and picture in the repository, and its path on the site."""
    yield from PROJECT.items()
    for path in sorted((ROOT / "docs").rglob("*")):
        place = path.relative_to(ROOT / "docs").as_posix()
        if path.suffix in (".md", ".rst", ".png") and not place.startswith("_"):
            yield f"docs/{place}", place
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        yield f"notebooks/{path.name}", f"lessons/{path.name}"


class Links:
    """The links of one page.

    Parameters
    ----------
    source, place : str
        Where the page stands in the repository and on the site.
    places : dict of str to str
        The same for all pages.
    running : bool
        Whether the site has the running course. Without it, links to it lead to a page that says
        how to run the course on one's own computer.
    """

    def __init__(self, source: str, place: str, places: dict[str, str], running: bool) -> None:
        self.source, self.place, self.places, self.running = source, place, places, running
        self.root = "../" * place.count("/")
        self.where = "in the browser" if running else "on your computer"

    def run(self, notebook: str) -> str:
        """Return the address of a notebook, such as workbook/03_pooling.ipynb, where it runs."""
        if not self.running:
            return f"{self.root}running.html"
        return f"{self.root}lite/lab/index.html?path={notebook or FIRST}"

    def link(self, notebook: str) -> str:
        """Return the attributes of a link to where a notebook runs: in a tab of its own.

        JupyterLab rewrites the address of its page, so that Back would not lead back here.
        """
        return f'href="{self.run(notebook)}"' + (' target="_blank"' if self.running else "")

    def follow(self, text: str) -> str:
        """Return Markdown with every link leading to a page of the site."""
        text = RUNNING.sub(r"\1" if self.running else "", text)
        text = LINK.sub(self._follow, text)
        text = re.sub(r'href="run:([^"]*)"', lambda match: self.link(match[1]), text)
        return text.replace("WHERE", self.where)

    def _follow(self, match: re.Match) -> str:
        words, link, anchor = match[1], match[2], match[3] or ""
        folder = PurePosixPath(self.source).parent
        path = posixpath.normpath((folder / link).as_posix())
        if path.startswith("notebooks/workbook/"):
            link = self.link(path.removeprefix("notebooks/"))
            return f'<a class="runs" {link}>{words}</a>'
        if path not in self.places and not (ROOT / path).exists():
            raise SystemExit(f"{self.source} links to {link}, which is not there")
        if path not in self.places:
            return words  # about a file of the repository
        place = posixpath.relpath(self.places[path], posixpath.dirname(self.place) or ".")
        return f"[{words}]({place}{anchor})"


def lesson(notebook: NotebookNode, links: Links) -> NotebookNode:
    """Return a notebook as a page of the site."""
    name = PurePosixPath(links.source).name
    run = links.link(name)
    words = f"{'Run' if links.running else 'How to run'} this page {links.where}"
    button = f'<p class="run"><a class="button" {run}>{words}</a></p>'
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = links.follow(cell.source)
        else:
            show_outputs(cell, below_explorers(run, links.running))
    title, _, rest = notebook.cells[0].source.partition("\n")
    if name[:2].isdigit():  # among search results, or in a tab, the title stands alone
        title = title.replace("# ", f"# Lesson {name[:2]}: ", 1)
    notebook.cells[0].source = f"{title}\n\n{button}\n\n{rest.lstrip()}"
    return notebook


def below_explorers(run: str, running: bool) -> str:
    """Return what stands below the picture of an explorer; ``run`` leads to where it runs."""
    if running:
        return f"This is a picture. To play with the explorer, <a {run}>run this page</a>."
    link = f"<a {run}>run the course on your computer</a>"
    return f"This is a picture of the explorer. To play with it, {link}."


def show_outputs(cell: NotebookNode, note: str) -> None:
    """Prepare the outputs of a cell: pictures with alternative text; ``note`` below explorers."""
    shown = []
    for output in cell.outputs:
        data = output.get("data", {})
        widget = data.pop(WIDGET, None) is not None
        explorer = widget and "image/png" in data
        if widget and not explorer:  # the words of a mission
            lines = data["text/plain"].splitlines()
            data["text/plain"] = "\n".join(textwrap.fill(line, LINE) for line in lines)
        if "image/png" in data:
            about = output.metadata["image/png"]
            about["height"] = height(data["image/png"], about["width"])
            # myst-nb reads alternative text from the cell, so a cell has one picture.
            if "mystnb" in cell.metadata:
                raise SystemExit(f"two pictures in one cell: {about['alt']}")
            kind = "explorer" if explorer else "figure"
            cell.metadata["mystnb"] = {"image": {"alt": about["alt"], "classes": kind}}
        if data.get("text/html") == "":
            continue  # a progress bar that has gone
        shown.append(output)
        if explorer:
            words = f'<p class="run">{note}</p>'
            shown.append(nbformat.v4.new_output("display_data", {"text/html": words}))
    cell.outputs = shown


def height(png: str, width: int) -> int:
    """Return how many pixels high a PNG, as base64, is when it is shown ``width`` pixels wide."""
    across, down = size(png)
    return round(down * width / across)


def home(text: str, places: dict[str, str]) -> str:
    """Return the home page with the lessons in its menu and in its table.

    The README's table says what is in each lesson.
    """
    summaries = {
        name: (summary, minutes)
        for name, summary, minutes in ROW.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    }
    menu, table = [], ["| lesson | what it is about | minutes |", "|---|---|--:|"]
    for place in places.values():
        if place.startswith("lessons/"):
            stem = PurePosixPath(place).stem
            words = stem.replace("_", " ").replace("keras", "Keras")
            summary, minutes = summaries.get(stem, ("", ""))
            menu.append(f"{words} <lessons/{stem}>")
            table.append(f"| [{words}]({place}) | {summary} | {minutes} |")
    return text.replace("% menu", "\n".join(menu)).replace("% table", "\n".join(table))
