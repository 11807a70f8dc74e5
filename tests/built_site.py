"""The website, built for tests, and what its pages link to."""

import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).parent.parent


def build(folder):
    """Build the pages into a folder, as `make site` does, without the running course."""
    command = [sys.executable, ROOT / "tools" / "make_site.py", folder, "--pages"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


class Page(HTMLParser):
    """What a page of HTML holds.

    Attributes
    ----------
    tags : list of (name, attributes)
    ids : set of str
    title : str
    """

    def __init__(self, path):
        super().__init__()
        self.tags, self.ids, self.title = [], set(), ""
        self._in_title = False
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        if "id" in attributes:
            self.ids.add(attributes["id"])
        self._in_title = tag == "title" and not self.title

    def handle_data(self, data):
        if self._in_title:
            self.title += data

    def handle_endtag(self, tag):
        self._in_title = False

    def all(self, name):
        """Return the attributes of each tag of one name."""
        return [attributes for tag, attributes in self.tags if tag == name]
