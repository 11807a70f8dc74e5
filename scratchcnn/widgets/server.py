"""A Jupyter server extension: messages from a kernel reach the browser immediately.

The kernel answers an event in an explorer with three small messages: busy, a new frame, idle.
TCP sends the first and holds back the second until the first is acknowledged (Nagle's algorithm:
one large packet is cheaper than many small ones). But as long as the browser's side has nothing
else to send, its system delays the acknowledgment, on Linux by 40 milliseconds. That was half
of the time from key press to frame.

`make lab` and `make play` enable the extension only for the servers that they start. To enable
it elsewhere, add the option
``--ServerApp.jpserver_extensions=scratchcnn.widgets.server=True`` when you start JupyterLab.

References
----------
J. Nagle, "Congestion control in IP/TCP internetworks", RFC 896 (1984).
"""


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Tell the Jupyter server what to load."""
    return [{"module": "scratchcnn.widgets.server"}]


def _load_jupyter_server_extension(app) -> None:
    """Make all connections opened from now on send immediately."""
    settings, key = app.web_app.settings, "kernel_websocket_connection_class"
    if key in settings:  # older servers have no such setting
        settings[key] = without_delay(settings[key])
        app.log.info("scratchcnn.widgets.server | frames are sent without delay")


def without_delay(connection_class: type) -> type:
    """Return a subclass of Jupyter's kernel connection that sends immediately."""

    class WithoutDelay(connection_class):
        def connect(self):
            self.websocket_handler.set_nodelay(True)
            return super().connect()

    return WithoutDelay
