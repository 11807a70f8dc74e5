"""An extension of Jupyter's server: what a kernel says reaches the browser at once.

To an event in an explorer the kernel answers in three small messages: busy, a new frame, idle.
TCP sends the first and keeps the second back until the first is acknowledged (Nagle's algorithm:
one large packet is cheaper than many small ones). But the system on the browser's side, as long
as it has nothing else to send, delays the acknowledgment, on Linux by 40 milliseconds. Half of
the time from key to frame was lost that way.

`make lab` and `make play` switch it on for the servers that they start, and for no others. To
switch it on elsewhere, add the option
``--ServerApp.jpserver_extensions=scratchcnn.widgets.server=True`` when you start JupyterLab.

References
----------
J. Nagle, "Congestion control in IP/TCP internetworks", RFC 896 (1984).
"""


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Tell Jupyter's server what to load."""
    return [{"module": "scratchcnn.widgets.server"}]


def _load_jupyter_server_extension(app) -> None:
    """Let the connections that are opened from now on send at once."""
    settings, key = app.web_app.settings, "kernel_websocket_connection_class"
    if key in settings:  # older servers have no such setting
        settings[key] = without_delay(settings[key])
        app.log.info("scratchcnn.widgets.server | frames are sent without delay")


def without_delay(connection_class: type) -> type:
    """Return Jupyter's class of a browser's connection to a kernel, sending at once."""

    class WithoutDelay(connection_class):
        def connect(self):
            self.websocket_handler.set_nodelay(True)
            return super().connect()

    return WithoutDelay
