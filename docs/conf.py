"""The website: what `make site` tells Sphinx. tools/website/sources.py gathers the pages."""

import inspect
import re
import sys
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from formulas import mathml

import scratchcnn

project = "scratchcnn"
version = release = scratchcnn.__version__
language = "en"
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx.ext.githubpages",  # tells one host not to drop the folders that begin with _
]

# The lessons: stored outputs, nothing executed; code folded as in Jupyter.
nb_execution_mode = "off"
nb_code_prompt_show = "Show code"
nb_code_prompt_hide = "Hide code"
nb_merge_streams = True
myst_enable_extensions = ["dollarmath"]
myst_dmath_double_inline = True
myst_heading_anchors = 3

# The reference: from the docstrings.
default_role = "py:obj"
autodoc_typehints = "none"  # the docstrings name the types, with shapes
autodoc_member_order = "bysource"
autodoc_class_signature = "mixed"
autosummary_generate = False
add_module_names = False
napoleon_google_docstring = False
napoleon_use_param = False  # types are words and shapes, not names to link to
napoleon_use_rtype = False
napoleon_use_ivar = True
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_title = "scratchcnn"
html_favicon = "_static/icon.svg"
html_static_path = ["_static"]
templates_path = ["_templates"]
html_css_files = ["site.css"]
html_js_files = [("site.js", {"defer": "defer"})]
html_copy_source = False
html_domain_indices = False
html_use_index = False
html_show_sourcelink = False
html_math_renderer = "mathml"
html_scaled_image_link = False
html_theme_options = {
    "top_of_page_buttons": [],
    "light_css_variables": {"color-brand-primary": "#20639b", "color-brand-content": "#20639b"},
    "dark_css_variables": {"color-brand-primary": "#7db8e8", "color-brand-content": "#7db8e8"},
}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"


# From the source of something to its docstring.
BACK = re.compile(r'<a class="viewcode-back" href="[^"#]*#(?P<name>[^"]*)">.*?</a>')


def inline(translator: nodes.NodeVisitor, node: nodes.math) -> None:
    """Write a formula within a line."""
    translator.body.append(mathml(node.astext()))
    raise nodes.SkipNode


def block(translator: nodes.NodeVisitor, node: nodes.math_block) -> None:
    """Write a formula on a line of its own, which scrolls where it is wider than the page."""
    translator.body.append(f'<div class="formula">{mathml(node.astext(), "block")}</div>\n')
    raise nodes.SkipNode


def load_pictures_late(app: Sphinx, tree: nodes.document, page: str) -> None:
    """Let the browser fetch a picture when it comes into view; on the home page, at once."""
    for image in tree.findall(nodes.image):
        image["loading"] = "link" if page == "index" else "lazy"


def keep_meaning(app: Sphinx, what: str, name: str, of: object, options: dict, lines: list) -> None:
    """Let docstrings mean what they say.

    (N, *input_shape) is a shape, not the beginning of emphasis; and of two attributes in one entry,
    "params, grads", the first is not the type of the second.
    """
    for number, line in enumerate(lines):
        line = re.sub(r"(?<=[ (])\*(?=\w+_shape)", r"\\*", line)
        lines[number] = re.sub(r"^:(ivar|vartype) (\w+), (\w+):", r":\1 \2,\3:", line)


def show_arguments(
    app: Sphinx, what: str, name: str, of: object, options: dict, arguments: str, returns: str
) -> tuple[str, str] | None:
    """Show how an object is made as its class says it, whatever wraps that."""
    if what != "class" or not arguments:
        return None
    signature = inspect.signature(of.__init__)
    plain = [
        parameter.replace(annotation=parameter.empty)
        for parameter in list(signature.parameters.values())[1:]
    ]
    return f"{signature.replace(parameters=plain, return_annotation=signature.empty)}", ""


def keep_living_links(app: Sphinx, page: str, template: str, context: dict, tree: object) -> None:
    """Leave out links from the library's source to names that are documented elsewhere."""
    known = app.env.domains["py"].objects
    if page.startswith("_modules/"):
        context["body"] = BACK.sub(
            lambda match: match[0] if match["name"] in known else "", context["body"]
        )


def setup(app: Sphinx) -> None:
    """Add what the pages need besides."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    app.connect("autodoc-process-signature", show_arguments)
    app.connect("autodoc-process-docstring", keep_meaning)
    app.connect("html-page-context", keep_living_links)
    app.connect("doctree-resolved", load_pictures_late)
