"""The website in a real browser, in a folder of a host: light and dark, on a screen and a phone."""

from pathlib import Path

import built_site
import pytest
from browser.axe import add_axe, violations
from browser.places import DESKTOP

PHONE = {"width": 390, "height": 844}
# One page of each kind.
KINDS = ["index", "lessons/04_softmax", "lessons/playground", "keras", "reference/layers"]


@pytest.fixture(scope="module")
def names(site):
    """All pages; of those with the library's source, one."""
    names = [path.relative_to(site).with_suffix("").as_posix() for path in site.rglob("*.html")]
    source = "_modules/scratchcnn/layers/convolution"
    return sorted(name for name in names if name == source or not name.startswith("_modules/"))


# On a phone, it is not the page but its content that would be scrolled.
WIDER = """Math.max(...["html", ".content"].map(name => {
    const part = document.querySelector(name);
    return part.scrollWidth - part.clientWidth;
}))"""


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["screen", "phone"])
def test_no_page_has_to_be_scrolled_sideways(visit, address, names, viewport):
    page = visit("index.html", viewport)
    wider = {}
    for name in names:
        page.goto(f"{address}/{name}.html")
        wider[name] = page.evaluate(WIDER)
    assert {name: pixels for name, pixels in wider.items() if pixels > 0} == {}


def test_the_home_page_fits_one_screen(visit):
    page = visit("index.html")
    for words in ("Read lesson 01", "Run the course"):
        box = page.get_by_role("link", name=words).first.bounding_box()
        assert box["y"] + box["height"] < 720
    picture = page.locator(".live").bounding_box()
    assert picture["y"] + picture["height"] < 720


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["screen", "phone"])
@pytest.mark.parametrize("name", KINDS)
def test_what_it_looks_like(visit, name, viewport, scheme):
    """Pictures to look at, in test-artifacts/."""
    page = visit(f"{name}.html", viewport, scheme)
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    brightness = sum(map(int, background.removeprefix("rgb(").removesuffix(")").split(","))) / 3
    assert brightness > 200 if scheme == "light" else brightness < 60
    folder = built_site.ROOT / "test-artifacts"
    folder.mkdir(exist_ok=True)
    file = f"site-{Path(name).name}-{viewport['width']}-{scheme}.png"
    page.screenshot(path=folder / file)


FONT = "document.fonts.ready.then(() => [...document.fonts].map(({ status }) => status))"


def test_formulas_are_drawn_with_the_font_of_the_site(visit):
    page = visit("lessons/04_softmax.html")
    fraction = page.locator(".formula mfrac").first.bounding_box()
    assert fraction["height"] > 25
    assert page.evaluate(FONT) == ["loaded"]


def test_a_question_is_answered_by_keyboard(visit):
    page = visit("lessons/04_softmax.html")
    answer = page.locator("details:not(.hide)").nth(1)
    reply = answer.locator("math").first
    assert not reply.is_visible()
    answer.locator("summary").focus()
    page.keyboard.press("Enter")
    assert reply.is_visible()
    page.keyboard.press("Space")
    assert not reply.is_visible()


def test_folded_code_opens(visit):
    page = visit("lessons/04_softmax.html")
    fold = page.locator("details.hide").first
    assert not fold.locator("pre").is_visible()
    fold.locator("summary").click()
    assert fold.locator("pre").is_visible()


def test_the_search_finds_a_word(visit):
    page = visit("search.html?q=im2col")
    page.locator("#search-results li").first.wait_for()
    found = page.locator("#search-results li a").all_inner_texts()
    assert any("Lesson 02" in title for title in found)


def test_the_search_does_not_hand_out_the_wrong_answers(visit):
    page = visit("search.html?q=overwriting")
    page.get_by_text("Search finished").or_(page.get_by_text("did not match")).first.wait_for()
    found = page.locator("#search-results li a").all_inner_texts()
    assert not any("wrong" in title for title in found)


def test_the_choice_of_dark_stays(visit, address):
    page = visit("index.html")
    page.locator(".theme-toggle-content button").click()
    chosen = page.locator("body").get_attribute("data-theme")
    page.goto(f"{address}/keras.html")
    assert page.locator("body").get_attribute("data-theme") == chosen != "auto"


def test_on_paper_there_is_nothing_to_click(visit):
    page = visit("lessons/04_softmax.html")
    page.emulate_media(media="print")
    assert not page.locator("a.button").first.is_visible()
    assert not page.locator(".sidebar-drawer").is_visible()
    assert page.locator("article img").first.is_visible()


def test_a_first_visit_loads_less_than_a_megabyte(visit, address, names):
    heaviest = {}
    for name in [*KINDS, "lessons/12_making_it_fast", "mistakes", "reference/plots"]:
        page = visit("search.html")  # a context of its own, with nothing in its cache
        page.context.clear_cookies()
        sizes = []
        page.on("response", lambda answer, sizes=sizes: sizes.append(len(answer.body())))
        page.goto(f"{address}/{name}.html", wait_until="networkidle")
        heaviest[name] = sum(sizes)
    assert max(heaviest.values()) < 1_000_000, heaviest


COLORS = ["color-contrast", "link-in-text-block"]
# Of elements that look alike in the same surroundings, one is enough: a lesson has thousands of
# pieces of code in ten colors, and axe needs a millisecond or more for each.
ONE_OF_EACH = """() => {
    const numbers = new Map(), surroundings = new Map(), seen = new Set();
    for (const node of document.body.querySelectorAll("*")) {
        const { color, backgroundColor, fontSize, fontWeight, opacity } = getComputedStyle(node);
        const around = surroundings.get(node.parentNode);
        const odd = node.tagName === "TR" && node.rowIndex % 2;
        const looks = [around, node.tagName, node.getAttribute("class"), node.getAttribute("style"),
            odd, color, backgroundColor, fontSize, fontWeight, opacity].join();
        if (!numbers.has(looks)) numbers.set(looks, numbers.size);
        surroundings.set(node, numbers.get(looks));
        if (node.childElementCount || !node.checkVisibility()) continue;
        const text = node.textContent.trim();  // axe does not judge single letters and signs
        const whole = looks + (text.length > 1) + /[\\p{L}\\d]/u.test(text);
        if (seen.has(whole)) node.remove();
        seen.add(whole);
    }
}"""


def test_every_page_is_accessible_in_light_and_dark(visit, address, names):
    page = visit("index.html")
    found = {}
    for name in names:
        page.emulate_media(color_scheme="light")
        page.goto(f"{address}/{name}.html")
        add_axe(page)
        rules = {rule: {"enabled": False} for rule in COLORS}
        found[name, "all but colors"] = violations(page, rules=rules)
        page.evaluate(ONE_OF_EACH)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found[name, scheme] = violations(page, runOnly=COLORS)
    assert {place: wrong for place, wrong in found.items() if wrong} == {}
