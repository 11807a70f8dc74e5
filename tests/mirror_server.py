"""A server on this computer that behaves as badly as a mirror can."""

import contextlib
import gzip
import http.server
import threading

import small_mnist

PAGE = b"<!DOCTYPE html><title>Sign in to this network</title>"


class Server(http.server.ThreadingHTTPServer):
    """Takes many calls at once."""

    daemon_threads = True
    request_queue_size = 128


class Mirrors:
    """Answers under http://127.0.0.1:port/behavior/name; use it in a ``with`` block.

    Attributes
    ----------
    requests : list of str
        The paths that were asked for, in their order.
    half_sent : threading.Event
        Set when the "stalls" behavior has sent half of a file and sends no more.
    """

    def __init__(self):
        self.requests = []
        self.half_sent = threading.Event()
        self._closing = threading.Event()
        mirrors = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                mirrors.requests.append(self.path)
                _, behavior, name = self.path.split("/")
                with contextlib.suppress(OSError):  # when the reader has gone away
                    getattr(mirrors, f"_{behavior}")(self, small_mnist.ZIPPED[name])

            def log_message(self, *arguments):
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}
        )

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exception):
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def url(self, behavior):
        """Return the address of the mirror that behaves so."""
        return f"http://127.0.0.1:{self._server.server_port}/{behavior}/"

    @staticmethod
    def _send(request, content, status=200, length=None, **headers):
        request.send_response(status)
        length = len(content) if length is None else length
        request.send_header("Content-Length", str(length))
        for key, value in headers.items():
            request.send_header(key.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(content)
        request.wfile.flush()

    def _good(self, request, content):
        self._send(request, content)

    def _forbidden(self, request, content):
        self._send(request, b"<html>", status=403)

    def _page(self, request, content):
        self._send(request, PAGE, Content_Type="text/html")

    def _nothing(self, request, content):
        self._send(request, b"")

    def _halves(self, request, content):
        """Promise a whole file and break off half way."""
        self._send(request, content[: len(content) // 2], length=len(content))

    def _cuts(self, request, content):
        """Promise half a file and keep the promise."""
        self._send(request, content[: len(content) // 2])

    def _swaps(self, request, content):
        """Send a file of the right form with one pixel or label changed."""
        inside = bytearray(gzip.decompress(content))
        inside[-1] ^= 1
        self._send(request, gzip.compress(inside))

    def _bomb(self, request, content):
        """Send the right header, and then zeros without end as gzip sees it."""
        header = gzip.decompress(content)[:16]
        self._send(request, gzip.compress(header) + 64 * gzip.compress(bytes(2**20)))

    def _endless(self, request, content):
        """Send zeros until the reader hangs up, or has taken a thousand times what is right.

        No length is given.
        """
        request.send_response(200)
        request.end_headers()
        for _ in range(1000):
            request.wfile.write(bytes(65_536))

    def _stalls(self, request, content):
        """Send half a file, then nothing, and keep the line open."""
        self._send(request, content[: len(content) // 2], length=len(content))
        self.half_sent.set()
        self._closing.wait()

    def _waits(self, request, content):
        """Take the call and say nothing at all."""
        self._closing.wait()

    def _gibberish(self, request, content):
        self._send(request, content, length="many")

    def _loops(self, request, content):
        self._send(request, b"", status=302, Location=request.path)

    def _unzips(self, request, content):
        """Send the file without gzip under the same name, as some servers do."""
        self._send(request, gzip.decompress(content))

    def _encodes(self, request, content):
        """Declare gzip as the encoding of the transfer, so that the reader removes it."""
        self._send(request, content, Content_Encoding="gzip")
