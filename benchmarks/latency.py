"""Measure how fast the explorers respond, in a real Chromium with a real JupyterLab.

    python benchmarks/latency.py          in a JupyterLab with a kernel
    python benchmarks/latency.py lite     in the running course, where Python is in the browser

For each explorer it prints the time from a key press to the painted change, together with the
same for a bare ipywidgets slider, and the time from the last of 100 drag events in two seconds
to the correct frame. Run it on an otherwise idle machine. With two cores and a kernel, the median
is at most 70 ms, the 95th percentile at most 120 ms, and the last frame of a drag appears within
200 ms. In the browser the median is at most 120 ms. SCRATCHCNN_PYODIDE has to name the folder of a
Pyodide distribution there.
"""

import contextlib
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tools")]  # helpers that drive a browser

from browser.lab import Watch, find_browser, open_workbench, opened, run_all, running_lab
from browser.on_page import OnPage
from browser.places import VARIABLE, Lab, Lite
from browser.scene import NAMES
from serve import serving
from website.running import build

PRESSES, WARM_UP = 40, 5  # the first presses are slower: caches are cold

# For each explorer, a region and two keys to press there that undo each other.
KEYS = {
    "filter": ("feature map", "ArrowUp", "ArrowDown"),
    "pooling": ("image", "ArrowUp", "ArrowDown"),
    "softmax": ("scores", "ArrowUp", "ArrowDown"),
    "gradient": ("column 0", "ArrowRight", "ArrowLeft"),
    "scrubber": ("loss", "ArrowLeft", "ArrowRight"),
    "pad": ("pad", "ArrowLeft", "ArrowRight"),
    "gradcam": ("image", "ArrowLeft", "ArrowRight"),
    "adversarial": ("changed", "ArrowRight", "ArrowLeft"),
    "network": ("network", "PageDown", "PageUp"),
    "bench": ("right", "1", "Escape"),
}

# For each explorer a region to drag over.
DRAGS = {**{name: region for name, (region, *_) in KEYS.items()}, "gradient": "column 1"}
del DRAGS["adversarial"], DRAGS["bench"]  # which have nothing to drag over

WATCH = """([root, part, kind]) => {
    const seen = (window.seen = { pressed: [], painted: [], frames: [], last: 0 });
    root.addEventListener("keydown", () => seen.pressed.push(performance.now()), true);
    const painted = () => {
        const alt = part.alt;
        // The change is drawn after this callback; the task after that finds it on the screen.
        requestAnimationFrame(() => setTimeout(() => {
            seen.painted.push(performance.now());
            seen.frames.push([performance.now(), alt]);
        }));
    };
    if (kind === "picture") part.addEventListener("load", painted);
    else {
        const changes = { childList: true, characterData: true, subtree: true };
        new MutationObserver(painted).observe(part, changes);
    }
}"""

DRAG_100 = """async ([node, places]) => {
    const begin = performance.now();
    for (const [k, [clientX, clientY]] of places.entries()) {
        await new Promise((next) => setTimeout(next, begin + 20 * k - performance.now()));
        node.dispatchEvent(new PointerEvent("pointermove", { clientX, clientY, bubbles: true }));
        seen.last = performance.now();
    }
}"""

START = """([root]) => new Promise((done) => {
    const caption = root.querySelector(".sc-caption");
    const begin = performance.now();
    new MutationObserver(() => done(performance.now() - begin))
        .observe(caption, { childList: true, characterData: true, subtree: true });
    root.querySelector("button").click();
})"""

BARE_CELL = """
import ipywidgets
slider, label = ipywidgets.IntSlider(), ipywidgets.Label("0")
slider.observe(lambda change: setattr(label, "value", str(change["new"])), "value")
ipywidgets.HBox([slider, label]).add_class("bare")
"""


@contextlib.contextmanager
def lab(folder: Path) -> Iterator[Lab]:
    """Start a JupyterLab with the course."""
    with running_lab(folder) as (address, served):
        yield Lab(address, served)


@contextlib.contextmanager
def lite(folder: Path) -> Iterator[Lite]:
    """Build the running course, and serve it."""
    build(folder / "lite", Path(os.environ[VARIABLE]).resolve())
    with serving(folder) as address:
        yield Lite(f"{address}/lite")


PLACES = {"lab": lab, "lite": lite}


def main() -> None:
    """Start a JupyterLab, measure, and print a line for each explorer."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        place = stack.enter_context(PLACES[sys.argv[1] if sys.argv[1:] else "lab"](Path(folder)))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        stack.callback(browser.close)

        def open_page(url: str) -> tuple[Page, Watch]:
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            page.set_default_timeout(60_000)
            watch = Watch(page, url)
            page.goto(url)
            return page, watch

        workbench = open_workbench(open_page, place.start)
        cells = ["from browser.scene import make"]
        cells += [f"{name} = make({name!r})\n{name}" for name in NAMES]
        place.write(workbench[0], "latency.ipynb", [*cells, BARE_CELL])
        with opened(workbench, "latency.ipynb") as page:
            run_all(page)
            measure(page)


def measure(page: Page) -> None:
    """Measure everything on the page."""
    print_times("bare slider", bare_slider_times(page))
    for name, (region, *keys) in KEYS.items():
        shown(page, name).region(region).focus()
        print_times(name, key_times(page, keys))
    for name in DRAGS:
        print(f"{name:12} right frame {drag_time(page, name):4.0f} ms after the last drag event")
    live = shown(page, "live")
    live.root.get_by_label("Pace").select_option("20 steps a second")
    milliseconds = page.evaluate(START, [live.root.element_handle()])
    print(f"{'live':12} {milliseconds:4.0f} ms from Start to the first words")
    live.push("Stop")
    live.wait_for("caption", "Stopped")


def shown(page: Page, name: str) -> OnPage:
    """Bring an explorer into view, and watch its picture."""
    page.mouse.move(0, 0)  # away from regions that scroll under the pointer
    on_page = OnPage(page, NAMES.index(name))
    on_page.root.scroll_into_view_if_needed()
    on_page.settle()
    parts = on_page.root.element_handle(), on_page.picture.element_handle()
    page.evaluate(WATCH, [*parts, "picture"])
    return on_page


def bare_slider_times(page: Page) -> list[float]:
    """Return a bare slider's milliseconds from key press to painted change."""
    root = page.locator(".bare")
    root.scroll_into_view_if_needed()
    parts = root.element_handle(), root.locator(".widget-label").last.element_handle()
    page.evaluate(WATCH, [*parts, "label"])
    root.get_by_role("slider").focus()
    return key_times(page, ["ArrowRight", "ArrowLeft"])


def key_times(page: Page, keys: list[str]) -> list[float]:
    """Press keys one after the other; return each one's milliseconds to the painted change."""
    for k in range(PRESSES + WARM_UP):
        page.keyboard.press(keys[k % 2])
        page.wait_for_function("count => seen.painted.length >= count", arg=k + 1)
    pressed, painted = page.evaluate("[seen.pressed, seen.painted]")
    return [end - start for start, end in zip(pressed, painted, strict=False)][WARM_UP:]


def drag_time(page: Page, name: str) -> float:
    """Drag for two seconds; return the milliseconds from the last event to the last frame."""
    on_page, region = shown(page, name), DRAGS[name]
    shares = [abs((k + 12) % 20 - 10) / 10 for k in range(99)] + [1.0]
    pixels = on_page.places(region, [(0.5 + 0.3 * s, 0.5 - 0.2 * s) for s in shares])
    page.mouse.move(*pixels[0])
    page.mouse.down()
    page.evaluate(DRAG_100, [on_page.region(region).element_handle(), pixels])
    on_page.settle()
    page.wait_for_function("seen.frames.at(-1)[0] > seen.last")
    last, frames = page.evaluate("[seen.last, seen.frames]")
    page.mouse.up()
    return frames[-1][0] - last


def print_times(name: str, times: list[float]) -> None:
    """Print median and 95th percentile."""
    median, slow = statistics.median(times), statistics.quantiles(times, n=20)[-1]
    print(f"{name:12} median {median:4.0f} ms, 95th percentile {slow:4.0f} ms")


if __name__ == "__main__":
    main()
