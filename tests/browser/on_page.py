"""An explorer on a page: send it events, and read it off."""

import base64
import contextlib

from browser.words import ALIKE, alike

# Resolves once the element has been at the same place for 20 frames.
STILL = """root => new Promise(resolve => {
  let last, frames = 0;
  const look = () => {
    const top = root.getBoundingClientRect().top;
    frames = top === last ? frames + 1 : 0;
    last = top;
    frames < 20 ? requestAnimationFrame(look) : resolve();
  };
  look();
})"""


class OnPage:
    """An explorer as the page shows it."""

    def __init__(self, page, number):
        self.page = page
        self.root = page.locator(".scratchcnn-explorer").nth(number)
        self.picture = self.root.locator(".sc-picture")

    @property
    def handle(self):
        return self.root.element_handle()

    @property
    def alt(self):
        return self.picture.get_attribute("alt")

    @property
    def caption(self):
        return self.root.locator(".sc-caption").inner_text()

    @property
    def error(self):
        return self.root.locator(".sc-error").inner_text()

    @property
    def frame(self):
        """The bytes of the picture that the page shows."""
        code = """async (picture) => {
            const bytes = new Uint8Array(await (await fetch(picture.src)).arrayBuffer());
            return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
        }"""
        return base64.b64decode(self.picture.evaluate(code))

    def region(self, name):
        return self.root.locator(f'[data-region="{name}"]')

    def press(self, region, *keys):
        """Put the focus on a region and press keys."""
        self.region(region).focus()
        for key in keys:
            self.page.keyboard.press(key)

    def places(self, region, shares):
        """Return the pixels of the page at places of a region, 0 to 1 each way."""
        box = self.region(region).bounding_box()
        return [
            (round(box["x"] + fx * box["width"]), round(box["y"] + fy * box["height"]))
            for fx, fy in shares
        ]

    def shares(self, region, pixels):
        """Return where in a region pixels of the page are, 0 to 1 each way."""
        box = self.region(region).bounding_box()
        return [((x - box["x"]) / box["width"], (y - box["y"]) / box["height"]) for x, y in pixels]

    def click(self, region, fx, fy):
        # Cells above that were laid out late may have moved it off the page.
        self.region(region).scroll_into_view_if_needed()
        ((x, y),) = self.places(region, [(fx, fy)])
        self.page.mouse.click(x, y)

    def wait_until_still(self):
        """Wait until nothing above moves the explorer on the page any more."""
        self.page.evaluate(STILL, self.handle)

    def settle(self):
        """Wait until the kernel has answered every event and its frame is decoded."""
        self.wait_until("root.querySelector('.sc-stage').ariaBusy === 'false'")

    def wait_until(self, condition, wish=None, seconds=20):
        """Wait for a condition in JavaScript on ``root`` and ``wish``."""
        arguments = [self.handle, wish]
        code = f"([root, wish]) => {condition}"
        self.page.wait_for_function(code, arg=arguments, timeout=1000 * seconds)

    def wait_for(self, part, text):
        """Wait until ``part`` ("caption" or "error", or the picture's "alt") contains ``text``.

        For what buttons and sliders do, whose events do not go through the stage.
        """
        content = f"root.querySelector('.sc-{part}')?.textContent"
        if part == "alt":
            content = "root.querySelector('.sc-picture').alt"
        with contextlib.suppress(Exception):  # the comparison says more than "too late"
            self.wait_until(f"{content}.includes(wish)", text, 10)
        assert text in getattr(self, part), f"{part} is: {getattr(self, part)}"

    def reset(self, twin):
        """Press Reset and wait until the page shows what ``twin``, freshly made, does.

        JupyterLab may deliver what buttons say and what the stage says in two threads, so
        that a key pressed at once could overtake the button.
        """
        self.push("Reset")
        with contextlib.suppress(Exception):  # the comparison says more than "too late"
            self.wait_until(
                f"({ALIKE})(root.querySelector('.sc-picture').alt, wish)", twin.stage.alt, 10
            )
        assert alike(self.alt, twin.stage.alt)

    def push(self, name):
        """Press a button with the keyboard."""
        self.root.get_by_role("button", name=name, exact=True).press("Enter")


def brought_into_view(page, number):
    """Return an explorer of the page, scrolled into view and at rest."""
    page.mouse.move(0, 0)  # a region that scrolls under the pointer would be pointed at
    on_page = OnPage(page, number)
    on_page.root.scroll_into_view_if_needed()
    on_page.settle()
    return on_page
