"""Build the website in build/site/: the pages, and the running course. Needs no network.

python tools/make_site.py            everything
python tools/make_site.py --pages    only the pages; links to the running course say how to run it
"""

import argparse
import os
import shutil
from pathlib import Path

from sphinx.cmd.build import build_main
from website.sources import ROOT, gather

BUILD = ROOT / "build"
SITE = BUILD / "site"


def build_pages(site: Path, work: Path, running: bool) -> None:
    """Build the pages in the folder ``site``; ``work`` is for what is made on the way."""
    sources = work / "sources"
    gather(sources, running)
    options = ["-c", ROOT / "docs", "-d", work / "doctrees", "--builder", "html"]
    options += ["--fail-on-warning", "--keep-going", "--quiet", "--jobs", "auto", "--fresh-env"]
    shutil.rmtree(site, ignore_errors=True)
    if build_main([*map(str, options), str(sources), str(site)]):
        raise SystemExit("the pages could not be built without a warning")
    for path in [*site.rglob("*.map"), site / ".buildinfo"]:
        path.unlink()


def main() -> None:
    """Build what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", action="store_true", help="without the running course")
    running = not parser.parse_args().pages
    build_pages(SITE, BUILD / "site-work", running)
    print(f"open {SITE.relative_to(ROOT)}/index.html, or: make serve")


if __name__ == "__main__":
    main()
