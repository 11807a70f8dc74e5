"""The built website: links that are alive, figures in words, nothing from another address."""

import re
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urldefrag, urlsplit

import built_site
import pytest

import scratchcnn
from scratchcnn import exercises, plots, widgets

pytestmark = pytest.mark.slow
pytest.importorskip("furo", reason="what builds the website is not installed: .[site]")
ROOT = Path(__file__).parent.parent.parent
# What a browser fetches without being asked, by tag and attribute.
FETCHED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return built_site.build(tmp_path_factory.mktemp("built") / "site")


@pytest.fixture(scope="module")
def pages(site):
    paths = sorted(site.rglob("*.html"))
    return {path.relative_to(site).as_posix(): built_site.Page(path) for path in paths}


def test_every_lesson_and_guide_has_a_page(pages):
    lessons = {f"lessons/{path.stem}.html" for path in ROOT.glob("notebooks/*.ipynb")}
    guides = {f"{name}.html" for name in ("index", "keras", "teaching", "mistakes", "running")}
    assert lessons | guides <= set(pages)


def test_every_link_is_alive(site, pages):
    dead = []
    for name, page in pages.items():
        for tag, attribute in [*FETCHED.items(), ("a", "href")]:
            for target in filter(None, (each.get(attribute) for each in page.all(tag))):
                if urlsplit(target).scheme:
                    continue
                address, anchor = urldefrag(target)
                path = PurePosixPath(name).parent / unquote(urlsplit(address).path)
                place = (site / path).resolve() if urlsplit(address).path else site / name
                inside = place.is_relative_to(site.resolve()) or place == site / name
                ids = pages[place.relative_to(site).as_posix()].ids if anchor else ()
                if not inside or not place.is_file() or (anchor and unquote(anchor) not in ids):
                    dead.append(f"{name}: {target}")
    assert dead == []


def test_nothing_comes_from_another_address(site, pages):
    for name, page in pages.items():
        for tag, attribute in FETCHED.items():
            for target in filter(None, (each.get(attribute) for each in page.all(tag))):
                assert not urlsplit(target).netloc, f"{name}: {target}"
    for path in site.rglob("*.css"):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not re.search(r"(url\(|@import )[\"']?(https?:)?//", text), path.name


def test_every_picture_says_what_it_shows_and_how_large_it_is(pages):
    pictures = [(name, each) for name, page in pages.items() for each in page.all("img")]
    assert len(pictures) > 90
    for name, picture in pictures:
        assert len(picture["alt"]) > 20, f"{name}: {picture}"
        assert {"width", "height"} <= set(picture), f"{name}: {picture}"
        assert name == "index.html" or picture["loading"] == "lazy", f"{name}: {picture}"


def test_every_page_has_one_heading_above_all_and_a_title_of_its_own(pages):
    for name, page in pages.items():
        assert len(page.all("h1")) == 1, name
    titles = [page.title for page in pages.values()]
    assert all(titles)
    assert len(set(titles)) == len(titles)


def test_every_lesson_leads_to_where_it_runs_and_to_the_next(site, pages):
    for path in ROOT.glob("notebooks/[0-9]*.ipynb"):
        text = (site / "lessons" / f"{path.stem}.html").read_text(encoding="utf-8")
        assert 'class="button" href="../running.html"' in text
        assert 'class="next-page"' in text


def test_formulas_are_drawn_and_code_is_folded(site):
    text = (site / "lessons" / "04_softmax.html").read_text(encoding="utf-8")
    assert text.count("<math") > 50
    assert not re.search(r"[^\\`]\$[a-z\\]", re.sub(r"<pre>.*?</pre>", "", text, flags=re.DOTALL))
    assert re.search(r"<details[^>]*hide above-input", text)
    # A formula in an answer.
    assert re.search(r"<details>(?:(?!</details>).)*<math", text, re.DOTALL)


def test_the_reference_has_every_public_name(pages):
    ids = set().union(*(page.ids for name, page in pages.items() if name.startswith("reference/")))
    modules = {"callbacks", "exercises", "keras_bridge", "plots", "reference", "widgets"}
    names = {f"scratchcnn.{name}" for name in scratchcnn.__all__ if name not in modules}
    names |= {f"scratchcnn.plots.{name}" for name in plots.__all__}
    names |= {f"scratchcnn.exercises.{name}" for name in exercises.__all__}
    names |= {f"scratchcnn.widgets.{name}" for name in widgets.__all__ if name != "Recorder"}
    assert names - ids == set()


def test_the_wrong_answers_are_not_found_by_searching(site):
    assert 'content="noindex"' in (site / "mistakes.html").read_text(encoding="utf-8")
