"""The running course in a browser: what it needs besides what `place` tests there and in Lab."""

import re

import nbformat
import pytest
from browser.lab import (
    OPEN,
    ROOT,
    TEXTS,
    assert_as_stored,
    open_workbench,
    opened,
    run_all,
    screenshot,
    texts,
    wait_for_kernel,
)

WORKBOOK = sorted(path.name for path in (ROOT / "notebooks" / "workbook").glob("*.ipynb"))


@pytest.fixture(scope="module")
def running(open_page, lite):
    """The running course in a page, and its watch."""
    page, watch = open_workbench(open_page, lite.start)
    yield page, watch
    page.close()


@pytest.fixture
def words(running):
    """The line at the bottom in which the page says something."""
    return running[0].locator("#course-words")


def test_a_lesson_and_its_workbook_have_a_kernel_each(running):
    page, _ = running
    with opened(running, "02_convolution_gradient.ipynb"):
        page.evaluate(OPEN, ["workbook/02_convolution_gradient.ipynb", None])
        wait_for_kernel(page, "workbook/02_convolution_gradient.ipynb")
        kernels = page.evaluate(
            """() => [...jupyterapp.shell.widgets("main")].map(
                (panel) => panel.sessionContext?.session?.kernel?.id).filter(Boolean)"""
        )
        assert len(set(kernels)) == 2


def test_the_bar_says_in_megabytes_how_far_it_is(running, lite):
    page, _ = running
    lite.write(page, "bar.ipynb", ["import scratchcnn"])
    page.evaluate(
        """() => {
            window.bar = [];
            const node = document.querySelector("#course-bar");
            const options = { childList: true, characterData: true, subtree: true };
            new MutationObserver(() => bar.push(node.innerText)).observe(node, options);
        }"""
    )
    with opened(running, "bar.ipynb"):
        run_all(page)
        page.locator("#course-bar").wait_for(state="hidden")
    said = [re.search(r"([\d.]+) of ([\d.]+) MB", text) for text in page.evaluate("bar")]
    loaded = [float(found[1]) for found in said if found]
    (total,) = {float(found[2]) for found in said if found}
    assert loaded == sorted(loaded)
    assert len(set(loaded)) > 3
    assert 0.9 * total < loaded[-1] <= total < 40


def test_every_check_of_the_workbook_waits_for_an_answer(running):
    kernel = None  # the same for all, since a start takes longer than all the checks
    for name in WORKBOOK:
        path = f"workbook/{name}"
        with opened(running, path, kernel, keep=name != WORKBOOK[-1]) as page:
            run_all(page)
            assert_as_stored(page, path)
            kernel = page.evaluate(
                "jupyterapp.shell.currentWidget.sessionContext.session.kernel.id"
            )


def test_an_exercise_is_solved_by_typing_and_is_still_done_after_a_reload(open_page, lite):
    page, watch = open_workbench(open_page, lite.start)
    cells = ["from scratchcnn.exercises import check, progress", "", "check(relu)"]
    lite.write(page, "workbook/typed.ipynb", cells)
    with opened((page, watch), "workbook/typed.ipynb"):
        page.locator(".jp-CodeCell").nth(1).locator(".cm-content").click()
        # The editor indents and closes brackets by itself.
        page.keyboard.type("import numpy as np\n\ndef relu(x):\nreturn np.maximum(x, 0)")
        run_all(page)
        said = [text for output in page.evaluate(TEXTS) for _, text in texts(output)]
        assert said[0].startswith("✓ relu is right")
        screenshot(page, "lite-typed")
    page.close()
    page, watch = open_workbench(open_page, lite.start)
    lite.write(
        page, "workbook/later.ipynb", ["from scratchcnn.exercises import progress\nprogress()"]
    )
    with opened((page, watch), "workbook/later.ipynb"):
        run_all(page)
        (_, text), *_ = texts(page.evaluate(TEXTS)[0])
        assert re.search(r"relu +✓ done", text)
    page.close()


TRAINING = """import numpy as np
from scratchcnn import Conv2D, Dense, Flatten, MaxPool2D, Sequential, load_mnist
(x, y), _ = load_mnist()
x = x[..., None] / np.float32(255) - np.float32(0.5)
layers = [Conv2D(8, 3, use_bias=False), MaxPool2D(2), Flatten(), Dense(10)]
model = Sequential(layers, input_shape=(28, 28, 1), seed=0)"""


def test_a_training_moves_its_bar_and_ends_after_an_update_with_the_stop_button(running, lite):
    page, _ = running
    cells = [TRAINING, "model.fit(x, y, epochs=1000, batch_size=1)", "print('not reached')"]
    lite.write(page, "training.ipynb", [*cells, "print(np.isfinite(model.predict(x[:9])).all())"])
    with opened(running, "training.ipynb"):
        page.evaluate("void jupyterapp.commands.execute('notebook:run-all-cells')")
        bar = page.locator(".jp-OutputArea-output progress")
        bar.wait_for()
        page.evaluate(
            """() => {
                let last = performance.now();
                window.gaps = [];
                window.timer = setInterval(() => {
                    gaps.push(performance.now() - last);
                    last = performance.now();
                }, 10);
            }"""
        )
        before = float(bar.get_attribute("value"))
        page.wait_for_function(
            "before => document.querySelector('.jp-OutputArea progress').value > before + 100",
            arg=before,
        )
        print(
            "longest pause of the page:", page.evaluate("clearInterval(timer), Math.max(...gaps)")
        )
        page.get_by_role("button", name="Interrupt the kernel").click()
        page.wait_for_function(
            """() => jupyterapp.shell.currentWidget.content.widgets[1].model.sharedModel.outputs
                .some((output) => output.output_type === "error")""",
            timeout=20_000,
        )
        outputs = page.evaluate(TEXTS)
        assert "KeyboardInterrupt" in outputs[1][-1]["ename"]
        assert ("stdout", "not reached\n") not in texts(outputs[2])
        page.evaluate("jupyterapp.shell.currentWidget.content.activeCellIndex = 3")
        page.evaluate("jupyterapp.commands.execute('notebook:run-cell')")
        page.wait_for_function(
            "jupyterapp.shell.currentWidget.content.widgets[3].model.sharedModel.outputs.length"
        )
        assert texts(page.evaluate(TEXTS)[3]) == [("stdout", "True\n")]


def test_stop_concerns_one_notebook_and_says_where_it_can_do_nothing(running, lite, words):
    page, _ = running
    lite.write(page, "training.ipynb", [TRAINING, "model.fit(x, y, epochs=1000, batch_size=1)"])
    lite.write(page, "loop.ipynb", ["while True:\n    pass"])
    value = "document.querySelector('.jp-OutputArea progress').value"
    with opened(running, "training.ipynb"):
        page.evaluate("void jupyterapp.commands.execute('notebook:run-all-cells')")
        page.locator(".jp-OutputArea-output progress").wait_for()
        page.evaluate(OPEN, ["loop.ipynb", None])
        wait_for_kernel(page, "loop.ipynb")
        page.evaluate("void jupyterapp.commands.execute('notebook:run-all-cells')")
        page.wait_for_function(
            "jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'busy'"
        )
        page.get_by_role("button", name="Interrupt the kernel").click()
        words.get_by_text("Python can't be interrupted at this point").wait_for()
        words.get_by_role("button", name="Close").click()
        before = page.evaluate(value)
        page.wait_for_function(f"before => {value} > before + 50", arg=before)


def test_an_interrupt_while_nothing_runs_harms_nothing_that_runs_later(running, lite):
    page, _ = running
    lite.write(page, "idle.ipynb", ["print(sum(range(100_000)))"])
    with opened(running, "idle.ipynb"):
        page.evaluate("jupyterapp.commands.execute('notebook:interrupt-kernel')")
        run_all(page)
        assert texts(page.evaluate(TEXTS)[0]) == [("stdout", "4999950000\n")]


def test_a_saved_copy_stays_and_the_page_offers_a_newer_original(running):
    page, _ = running
    words = page.locator("#course-words")
    name = "03_pooling.ipynb"
    page.evaluate(
        """async (name) => {
            const { contents } = jupyterapp.serviceManager;
            const file = await contents.get(name, { content: true });
            file.content.cells[0].source = "my notes";
            await contents.save(name, file);
        }""",
        name,
    )
    first = "jupyterapp.shell.currentWidget.content.widgets[0].model.sharedModel.source"
    with opened(running, name):
        assert page.evaluate(first) == "my notes"  # the course has not changed since
        assert words.is_hidden()
        page.evaluate(
            """async () => {
                const { context } = jupyterapp.shell.currentWidget;
                context.model.setMetadata("scratchcnn", { original: "an older one" });
                await context.save();
            }"""
        )
    with opened(running, name):
        words.get_by_text("This is your saved copy").wait_for()
        screenshot(page, "lite-older-copy")
        words.get_by_role("button", name="Open a fresh copy").click()
        words.get_by_text("This is the fresh copy").wait_for()
        wait_for_kernel(page, name)
        assert page.evaluate(first).startswith("# ")
        screenshot(page, "lite-new-version")
        words.get_by_role("button", name="Close").click()
    with opened(running, "03_pooling (my copy).ipynb"):
        assert page.evaluate(first) == "my notes"


def test_a_lesson_that_needs_keras_says_so_and_keeps_its_stored_outputs(running):
    name = "08_keras_comparison.ipynb"
    with opened(running, name) as page:
        page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
        page.locator(".jp-RenderedText", has_text="does not run in a browser").wait_for()
        page.wait_for_function(f"({TEXTS})().filter((outputs) => outputs.length).length > 20")
        stored = nbformat.read(ROOT / "notebooks" / name, as_version=4).cells
        outputs = page.evaluate(TEXTS)
        ((kind, said),) = texts(outputs[2])
        assert kind == "error"
        assert "read on" in said
        assert "Traceback" not in page.locator(".jp-Notebook").inner_text()
        for cell, output in list(zip(stored, outputs, strict=True))[3:]:
            assert texts(output) == texts(cell.get("outputs", []))
        screenshot(page, "lite-keras")


def test_without_webassembly_the_page_says_why_python_cannot_run(open_page, lite):
    page, _ = open_page(f"{lite.address}/originals.json")  # a page of the same site, soon loaded
    page.add_init_script("delete window.WebAssembly")
    page.goto(lite.start)
    words = page.locator("#course-words")
    words.get_by_text("this browser has no WebAssembly").wait_for()
    assert "install the course" in words.inner_text()
    page.close()


def test_on_a_phone_a_notebook_has_the_room_and_at_night_it_is_dark(open_page, lite):
    page, _ = open_page(f"{lite.address}/originals.json")
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    page.goto(f"{lite.start}?path=03_pooling.ipynb")
    page.wait_for_function(
        "document.querySelector('.jp-Notebook .jp-RenderedMarkdown')?.clientWidth > 240"
    )
    page.wait_for_function("document.body.dataset.jpThemeLight === 'false'")
    screenshot(page, "lite-phone")
    page.close()


def test_a_part_that_does_not_arrive_is_said_in_words(open_page, lite):
    page, _ = open_page(f"{lite.address}/originals.json")
    page.context.route("**/pyodide_kernel-*.whl", lambda route: route.abort())
    page.goto(f"{lite.start}?path=02_convolution_gradient.ipynb")
    words = page.locator("#course-words")
    words.get_by_text("Python could not be started: a part of it did not arrive").wait_for()
    page.context.unroute("**/pyodide_kernel-*.whl")
    page.close()


def test_too_little_memory_is_said_in_words(running, words):
    page, _ = running
    says = """postMessage({ scratchcnn: {
        state: "failed", message: "RangeError: WebAssembly.Memory(): could not allocate memory",
    } })"""
    page.evaluate("says => void new Worker(URL.createObjectURL(new Blob([says])))", says)
    words.get_by_text("there is not enough memory").wait_for()
    words.get_by_role("button", name="Close").press("Enter")
    assert words.is_hidden()


def test_a_python_that_breaks_off_is_said_in_words_and_can_be_started_again(running, lite, words):
    page, watch = running
    broken = "import js, pyodide_js\npyodide_js._api.fatal_error(js.Error.new('out of memory'))"
    lite.write(page, "broken.ipynb", [broken, "print(6 * 7)"])
    with opened(running, "broken.ipynb"):
        page.evaluate("void jupyterapp.commands.execute('notebook:run-cell')")
        words.get_by_text("Python has stopped: there is not enough memory").wait_for()
        words.get_by_role("button", name="Close").click()
        page.evaluate("jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
        page.evaluate("jupyterapp.shell.currentWidget.content.activeCellIndex = 1")
        page.evaluate("jupyterapp.commands.execute('notebook:run-cell')")
        assert texts(page.evaluate(TEXTS)[1]) == [("stdout", "42\n")]
        watch.errors.clear()  # Pyodide reports what the test has broken


def test_nothing_is_installed_from_elsewhere(running, lite):
    page, watch = running
    lite.write(page, "install.ipynb", ["%pip install a-package"])
    with opened(running, "install.ipynb"):
        run_all(page)
        ((_, text),) = texts(page.evaluate(TEXTS)[0])
        assert text.startswith("You can't install packages on this page")
    watch.assert_clean()
