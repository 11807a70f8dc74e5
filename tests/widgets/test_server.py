"""The extension of Jupyter's server makes connections that send at once, and no others."""

import importlib
import json
import logging
from types import SimpleNamespace

from test_project import ROOT

from scratchcnn.widgets import server

KEY = "kernel_websocket_connection_class"


class Connection:
    """As Jupyter's: made with a handler of Tornado's, and connected when the browser calls."""

    def __init__(self):
        self.delayed = True
        self.websocket_handler = SimpleNamespace(set_nodelay=self.set_nodelay)

    def set_nodelay(self, wanted):
        self.delayed = not wanted

    def connect(self):
        return "connected"


def load_extension(settings):
    web_app, log = SimpleNamespace(settings=settings), logging.getLogger("server")
    server._load_jupyter_server_extension(SimpleNamespace(web_app=web_app, log=log))
    return settings


def test_a_connection_sends_at_once_and_connects_as_before():
    connection = load_extension({KEY: Connection})[KEY]()
    assert isinstance(connection, Connection)
    assert connection.delayed
    assert connection.connect() == "connected"
    assert not connection.delayed


def test_a_server_that_knows_no_such_setting_is_left_alone():
    assert load_extension({"other": 1}) == {"other": 1}


def test_the_installed_file_names_the_extension():
    text = (ROOT / "tools" / "jupyter" / "server.json").read_text(encoding="utf-8")
    (module,) = json.loads(text)["ServerApp"]["jpserver_extensions"]
    assert importlib.import_module(module) is server
    assert server._jupyter_server_extension_points() == [{"module": module}]
