"""Take docs/lesson.png and docs/running.png: a lesson on the website, and the running course.

python tools/site_pictures.py [FOLDER]    of the site, which must have the running course
"""

import sys
from pathlib import Path

from png import shrink
from serve import SITE, serving

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))  # helpers that drive a browser

from browser.lab import Watch, find_browser, open_workbench, opened, run_all
from browser.on_page import OnPage
from playwright.sync_api import Page, sync_playwright

SIZE = {"width": 1280, "height": 720}
TO_THE_TOP = """node => scrollTo({
    top: scrollY + node.getBoundingClientRect().top - 16, behavior: "instant",
})"""


def main() -> None:
    """Take both pictures."""
    site = Path(sys.argv[1]) if len(sys.argv) > 1 else SITE
    with serving(site) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE)
        page.goto(f"{address}/lessons/04_softmax.html")
        page.locator("summary", has_text="0.78").click()  # the right answer
        page.locator("h2").nth(1).evaluate(TO_THE_TOP)
        page.wait_for_load_state("networkidle")  # pictures that come into view
        take(page, "lesson")
        page.close()
        run(browser.new_page(viewport=SIZE), address)
        browser.close()


def run(page: Page, address: str) -> None:
    """Run lesson 01 in the browser, and play with its explorer."""
    page.set_default_timeout(120_000)

    def open_page(start: str) -> tuple[Page, Watch]:
        watch = Watch(page, start)
        page.goto(start)
        return page, watch

    workbench = open_workbench(open_page, f"{address}/lite/lab/index.html")
    with opened(workbench, "01_convolution.ipynb"):
        run_all(page)
        page.wait_for_function("document.querySelectorAll('.sc-picture[alt]').length")
        explorer = OnPage(page, 0)
        for _ in range(3):  # cells above, which are drawn only now, push it away
            explorer.root.evaluate("root => root.scrollIntoView({ block: 'end' })")
            explorer.settle()
        explorer.click("feature map", 0.55, 0.62)
        explorer.settle()
        take(page, "running")


def take(page: Page, name: str) -> None:
    """Write a picture of a page, with few colors to keep the file small."""
    path = ROOT / "docs" / f"{name}.png"
    page.screenshot(path=path, animations="disabled")
    shrink(path, colors=128)


if __name__ == "__main__":
    main()
