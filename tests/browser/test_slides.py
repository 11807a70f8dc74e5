"""The slides of every lesson in a real browser: all fit the screen, and nothing is fetched."""

import lessons
import nbformat
import pytest
import slides

# The lowest edge of what is on the present slide, in pixels of the screen.
LOWEST_EDGE = """() => {
  const parts = [...Reveal.getCurrentSlide().children];
  return Math.max(...parts.map(part => part.getBoundingClientRect().bottom));
}"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    pytest.importorskip("sphinx_revealjs", reason="reveal.js is missing: pip install -e .[test]")
    folder = tmp_path_factory.mktemp("slides")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slides, "SLIDES", folder)
        for path in lessons.lessons():
            slides.build(nbformat.read(path, as_version=4), path.stem)
        slides.copy_reveal()
    return folder


@pytest.mark.parametrize("name", [path.stem for path in lessons.lessons()])
def test_every_slide_fits_the_screen(chromium, built, name):
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    errors, fetched = [], []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: fetched.append(request.url))
    page.goto((built / f"{name}.html").as_uri())
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    too_tall = {}
    for number in range(page.evaluate("Reveal.getTotalSlides()")):
        edge = page.evaluate(LOWEST_EDGE)
        if edge > 720:
            too_tall[number] = edge
        page.evaluate("Reveal.next()")
    page.close()
    assert not too_tall
    assert not errors
    assert not [url for url in fetched if not url.startswith(("file:", "data:"))]
