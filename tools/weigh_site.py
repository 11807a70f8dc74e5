"""Weigh the website: what a first visit to each page loads, and how soon something is seen.

python tools/weigh_site.py [FOLDER]    of the site

Each page is opened in a fresh browser. Kilobytes are of 1,000 bytes: as the files are, and as a
host sends them that compresses text. "Scrolled" counts the pictures further down as well.
"""

import gzip
import sys
from pathlib import Path

from serve import SITE, serving

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from browser.lab import find_browser
from playwright.sync_api import Browser, Response, sync_playwright

COMPRESSED = (".html", ".css", ".js", ".svg")
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN"
SCROLL = """async () => {
    for (let top = 0; top < document.body.scrollHeight; top += innerHeight) {
        scrollTo({ top, behavior: "instant" });
        await new Promise(done => setTimeout(done, 30));
    }
}"""


def weigh(browser: Browser, address: str) -> tuple[int, int, int, int, float]:
    """Return requests, bytes, bytes when compressed, bytes when scrolled, ms to the first paint."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(address, wait_until="networkidle")
    paint = page.evaluate(PAINT)
    first = [(answer.url, answer.body()) for answer in answers]
    page.evaluate(SCROLL)
    page.wait_for_load_state("networkidle")
    scrolled = sum(len(answer.body()) for answer in answers)
    context.close()
    small = sum(
        len(gzip.compress(body) if url.split("?")[0].endswith(COMPRESSED) else body)
        for url, body in first
    )
    return len(first), sum(len(body) for _, body in first), small, scrolled, paint


def main() -> None:
    """Print a line a page."""
    site = Path(sys.argv[1]) if len(sys.argv) > 1 else SITE
    print("requests  kB as is  kB compressed  kB scrolled  first paint, ms  page")
    with serving(site) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        for path in sorted(site.rglob("*.html")):
            name = path.relative_to(site).as_posix()
            if name.startswith(("lite/", "_modules/")):
                continue
            count, size, small, scrolled, paint = weigh(browser, f"{address}/{name}")
            kilobytes = f"{size / 1e3:8.0f}  {small / 1e3:13.0f}  {scrolled / 1e3:11.0f}"
            print(f"{count:8}  {kilobytes}  {paint:15.0f}  {name}")
        browser.close()


if __name__ == "__main__":
    main()
