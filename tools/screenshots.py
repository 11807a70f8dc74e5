"""Take pictures of explorers in use, for the README: filter, gradient, layers and pad in docs/.

python tools/screenshots.py
"""

import sys
import tempfile
from pathlib import Path

from png import shrink

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))  # helpers that drive a browser

from browser.lab import find_browser, free_port, running
from browser.on_page import OnPage
from browser.scene import DIGITS
from playwright.sync_api import Page, sync_playwright

DOCS = ROOT / "docs"
PAD, FILTER, GRADIENT, NETWORK = 0, 1, 4, 9  # their positions in the playground


def main() -> None:
    """Open the playground as a web app, play a little, and take the pictures."""
    port = free_port()
    command = [sys.executable, str(ROOT / "tools" / "play.py"), "--no-browser", f"--port={port}"]
    with (
        tempfile.TemporaryDirectory() as folder,
        running([*command, "--Voila.ip=127.0.0.1"], port, Path(folder)) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 720}, device_scale_factor=2)
        page.goto(address)
        page.wait_for_function("document.querySelectorAll('.sc-picture[alt]').length === 11")
        draw_a_digit(page)
        look_at_an_edge(page)
        step_down(page)
        switch_off(page)
        browser.close()


def draw_a_digit(page: Page) -> None:
    """Draw a three with the mouse."""
    pad = show(page, PAD)
    for stroke in DIGITS[3]:
        places = pad.places("pad", [(0.1 + 0.8 * x, 0.1 + 0.8 * y) for x, y in stroke])
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=6)
        page.mouse.up()
    take(pad, "pad")


def look_at_an_edge(page: Page) -> None:
    """Point at the edge of the digit just drawn."""
    filters = show(page, FILTER)
    filters.root.get_by_label("My drawing").check()
    filters.wait_for("alt", "My drawing")
    filters.click("feature map", 0.52, 0.42)
    take(filters, "filter")


def step_down(page: Page) -> None:
    """Follow an image that the network misclassifies, and take one step."""
    gradients = show(page, GRADIENT)
    gradients.push("Step")
    gradients.wait_for("alt", "Step 1")
    take(gradients, "gradient")


def switch_off(page: Page) -> None:
    """Switch a kernel off, and see what the score of another digit is made of."""
    network = show(page, NETWORK)
    network.root.get_by_role("slider", name="Image", exact=True).press("ArrowRight")
    network.wait_for("alt", "Image 1 ")
    network.press("network", "Home", ".", *["PageUp"] * 8, "Space", "End")
    network.wait_for("caption", "score of")
    page.evaluate("document.activeElement.blur()")
    take(network, "layers")


def show(page: Page, number: int) -> OnPage:
    """Return an explorer, scrolled into view and idle."""
    page.mouse.move(0, 0)
    explorer = OnPage(page, number)
    explorer.root.evaluate("root => root.scrollIntoView({ block: 'center' })")
    explorer.settle()
    return explorer


def take(explorer: OnPage, name: str) -> None:
    """Write the picture of an explorer, with few colors to keep the file small."""
    explorer.settle()
    path = DOCS / f"{name}.png"
    explorer.root.screenshot(path=path)
    shrink(path, colors=256)


if __name__ == "__main__":
    main()
