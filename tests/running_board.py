"""A class board in a thread of the test, and servers that are no such board."""

import asyncio
import contextlib
import http.client
import http.server
import json
import socket
import threading

import board_server

KEY = "scratchcnn_board"


class Running:
    """A board that answers at ``address``."""

    def __init__(self, board, port):
        self.board, self.port, self.address = board, port, f"http://127.0.0.1:{port}"

    def ask(self, method, path, message=None, key=None, **headers):
        """Return status, headers and body of an answer."""
        if key:
            headers["Cookie"] = f"{KEY}={key}"
        body = message if message is None or isinstance(message, bytes) else json.dumps(message)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()

    def as_teacher(self, method, path, message=None):
        """Ask as the page of the teacher does."""
        status, _, body = self.ask(
            method, path, message, self.board.key, **{"X-Board": "1", "Content-Type": "text/json"}
        )
        return status, json.loads(body) if body.startswith("{") else body


@contextlib.contextmanager
def running_board(board, **options):
    """Serve a board on a free port until the block ends."""
    ready, ports = threading.Event(), []
    loop = asyncio.new_event_loop()

    async def start():
        application = board_server.application(board, "http://10.0.0.7:8899", **options)
        server = board_server.serve(application, 0, "127.0.0.1")
        ports.append(next(iter(server._sockets.values())).getsockname()[1])
        return server

    def run():
        asyncio.set_event_loop(loop)
        server = loop.run_until_complete(start())
        ready.set()
        loop.run_forever()
        server.stop()
        loop.run_until_complete(server.close_all_connections())
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(20)
    try:
        yield Running(board, ports[0])
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)


@contextlib.contextmanager
def silent_server():
    """A server that accepts connections and never says a word; yields address and connections."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", listening


@contextlib.contextmanager
def odd_server(answer):
    """A server whose ``answer(handler)`` answers every POST; yields its address and the paths."""
    asked = []

    class Odd(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(self.path)
            with contextlib.suppress(OSError):
                answer(self)

        do_GET = do_POST

        def log_message(self, *arguments):
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Odd)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
