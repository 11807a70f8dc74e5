"""The extension of Jupyter's server makes connections that send at once, and no others."""

import importlib
import logging
import subprocess
import sys
from types import SimpleNamespace

from browser.lab import lab_options

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


def test_make_lab_switches_the_extension_on():
    (module,) = [point["module"] for point in server._jupyter_server_extension_points()]
    assert importlib.import_module(module) is server
    assert f"--ServerApp.jpserver_extensions={module}=True" in lab_options()


def test_the_server_needs_to_load_no_widgets_for_it():
    heavy = ["anywidget", "ipywidgets", "IPython", "matplotlib", "PIL", "numpy"]
    code = "import sys, scratchcnn.widgets.server\n"
    code += f"print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
