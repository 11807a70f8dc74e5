"""Build the website: the pages, and the course that runs in the browser. Needs no network.

python tools/make_site.py [FOLDER]            in build/site/, or in the folder named
python tools/make_site.py [FOLDER] --pages    without the running course
python tools/make_site.py [FOLDER] --makers   visitors' browsers load Pyodide from its makers
python tools/make_site.py --renew             take over the lock file of a new Pyodide

The running course needs a distribution of Pyodide, in the folder named by SCRATCHCNN_PYODIDE.
Without it, links to the running course lead to a page that says how to run it on a computer.
"""

import argparse
import os
import shutil
from pathlib import Path

from sphinx.cmd.build import build_main
from website import distribution, running
from website.sources import ROOT, gather

SITE = ROOT / "build" / "site"
VARIABLE = "SCRATCHCNN_PYODIDE"


def build_pages(work: Path, runs: bool) -> Path:
    """Build the pages in a folder to work in; ``runs`` if the running course comes with them."""
    gather(work / "sources", runs)
    options = ["-c", str(ROOT / "docs"), "-d", str(work / "doctrees"), "-b", "html"]
    options += ["--fail-on-warning", "--keep-going", "--quiet", "--fresh-env"]
    html = work / "html"
    shutil.rmtree(html, ignore_errors=True)
    if build_main([*options, str(work / "sources"), str(html)]):
        raise SystemExit("the pages could not be built without a warning")
    # Maps are for the theme's developers; the others are notes of Sphinx's to itself.
    for path in [*html.rglob("*.map"), html / ".buildinfo"]:
        path.unlink(missing_ok=True)
    shutil.rmtree(html / "_sources", ignore_errors=True)
    return html


def check_ours(site: Path) -> None:
    """Stop if a folder holds something else than an earlier build: it would be lost."""
    inventory = site / "objects.inv"  # Sphinx writes the name of the project into it
    ours = inventory.is_file() and b"# Project: scratchcnn\n" in inventory.read_bytes()
    if site.exists() and not ours and (site.is_file() or any(site.iterdir())):
        raise SystemExit(
            f"{site} holds other things than this website; name an empty or a new folder"
        )


def pyodide() -> Path | None:
    """Return the folder of a distribution of Pyodide, if one is named."""
    named = os.environ.get(VARIABLE)
    if named and not (Path(named) / "pyodide-lock.json").is_file():
        raise SystemExit(f"{VARIABLE} names {named}, which is not a distribution of Pyodide")
    return Path(named).resolve() if named else None


def main() -> None:
    """Build what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=SITE)
    parser.add_argument("--pages", action="store_true", help="without the running course")
    parser.add_argument("--makers", action="store_true", help="with Pyodide from its makers")
    parser.add_argument("--renew", action="store_true", help="take the lock file of a new Pyodide")
    arguments = parser.parse_args()
    source = pyodide()
    if arguments.renew:
        if source is None:
            raise SystemExit(f"{VARIABLE} does not name the folder of a distribution of Pyodide")
        distribution.renew(source)
        return
    site = arguments.folder.resolve()
    check_ours(site)
    runs = not arguments.pages and (source is not None or arguments.makers)
    # What is made on the way stays beside the site, to be looked at if something is wrong.
    html = build_pages(site.parent / f"{site.name}-work", runs)
    if runs:
        running.build(html / "lite", None if arguments.makers else source)
    elif not arguments.pages:
        print(f"without the running course: {VARIABLE} names no folder (see --makers)")
    shutil.rmtree(site, ignore_errors=True)
    html.rename(site)
    print(f"{site}/index.html is ready: make serve")


if __name__ == "__main__":
    main()
