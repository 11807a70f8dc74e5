"""Build the website: the pages, and the course that runs in the browser. Needs no network.

python tools/make_site.py [FOLDER]            in build/site/, or in the folder named
python tools/make_site.py [FOLDER] --pages    without the running course
python tools/make_site.py [FOLDER] --makers   visitors' browsers load Pyodide from its makers

The running course needs a distribution of Pyodide, in the folder named by SCRATCHCNN_PYODIDE.
Without it, links to the running course lead to a page that says how to run it on a computer.
"""

import argparse
import os
import shutil
from importlib.util import find_spec
from pathlib import Path

from sphinx.cmd.build import build_main
from website.sources import ROOT, gather

SITE = ROOT / "build" / "site"


def build_pages(site: Path, running: bool) -> None:
    """Build the pages; ``running`` if the running course will be in ``site / "lite"``.

    What is made on the way stays beside the site, to be looked at if something is wrong.
    """
    work = site.parent / f"{site.name}-work"
    gather(work / "sources", running)
    options = ["-c", str(ROOT / "docs"), "-d", str(work / "doctrees"), "-b", "html"]
    options += ["--fail-on-warning", "--keep-going", "--quiet", "--fresh-env"]
    shutil.rmtree(work / "html", ignore_errors=True)
    if build_main([*options, str(work / "sources"), str(work / "html")]):
        raise SystemExit("the pages could not be built without a warning")
    # Maps are for the theme's developers; the others are notes of Sphinx's to itself.
    for path in [*(work / "html").rglob("*.map"), work / "html" / ".buildinfo"]:
        path.unlink(missing_ok=True)
    shutil.rmtree(work / "html" / "_sources", ignore_errors=True)
    shutil.rmtree(site, ignore_errors=True)
    (work / "html").rename(site)


def main() -> None:
    """Build what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=SITE)
    parser.add_argument("--pages", action="store_true", help="without the running course")
    parser.add_argument("--makers", action="store_true", help="with Pyodide from its makers")
    arguments = parser.parse_args()
    site = arguments.folder.resolve()
    named = os.environ.get("SCRATCHCNN_PYODIDE")
    running = not arguments.pages and bool(named or arguments.makers) and find_spec("lite")
    build_pages(site, bool(running))
    if running:
        from lite import build as build_running_course

        build_running_course(site / "lite", None if arguments.makers else Path(str(named)))
    elif not arguments.pages:
        print("without the running course: SCRATCHCNN_PYODIDE names no folder (see --makers)")
    print(f"{site}/index.html is ready: make serve")


if __name__ == "__main__":
    main()
