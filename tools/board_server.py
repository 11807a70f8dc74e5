"""The web server of the class board: takes what students report, and serves the teacher's page."""

import hmac
import ipaddress
import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

from board_messages import Refused
from board_state import Board
from board_view import table, view
from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler, StaticFileHandler

PAGE = Path(__file__).parent / "board_page"
MOST_BYTES = 64_000  # of a message
MOST_CONNECTIONS, MOST_OF_ONE = 400, 200  # at a time; of one computer
PER_SECOND, AT_FIRST = 100, 1000  # messages of one computer, in the long run and in one go
SECONDS = 10  # for a message to arrive, and for a connection to stay silent
COOKIE = "scratchcnn_board"
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; img-src data:; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Door(HTTPServer):
    """Lets nobody take all connections. The teacher's own computer always gets in."""

    def initialize(self, *arguments: Any, **options: Any) -> None:
        """Begin with no connection."""
        self.connections: Counter[str] = Counter()
        super().initialize(*arguments, **options)

    def handle_stream(self, stream: Any, address: Any) -> None:
        """Take a connection, or close it."""
        full = self.connections.total() >= MOST_CONNECTIONS
        if not is_loopback(address[0]) and (full or self.connections[address[0]] >= MOST_OF_ONE):
            stream.close()
            return
        self.connections[address[0]] += 1
        super().handle_stream(stream, address)

    def on_close(self, server_conn: Any) -> None:
        """Forget a connection."""
        self.connections[server_conn.context.address[0]] -= 1
        self.connections += Counter()  # keeps those above zero
        super().on_close(server_conn)


class Meter:
    """Says whether a computer sends more than a whole class would."""

    def __init__(self) -> None:
        self.left: dict[str, tuple[float, float]] = {}  # messages at a time, by computer

    def allows(self, computer: str) -> bool:
        """Count one message, and return whether it may be read."""
        now = time.monotonic()
        if len(self.left) > 10_000:
            self.left.clear()
        left, before = self.left.get(computer, (AT_FIRST, now))
        left = min(left + PER_SECOND * (now - before), AT_FIRST)
        self.left[computer] = (max(left - 1, 0), now)
        return left >= 1


class Handler(RequestHandler):
    """What all pages share."""

    board: Board

    def initialize(self) -> None:
        """Find the board."""
        self.board = self.settings["board"]

    def set_default_headers(self) -> None:
        """Nothing is cached, nothing comes from elsewhere."""
        for name, value in HEADERS.items():
            self.set_header(name, value)

    def is_teacher(self) -> bool:
        """Return whether the browser has the key."""
        return hmac.compare_digest(self.get_cookie(COOKIE, "").encode(), self.board.key.encode())

    def message(self) -> Any:
        """Return what was sent."""
        try:
            return json.loads(self.request.body)
        except (ValueError, RecursionError):
            raise Refused(400, "This is not a report.") from None

    def write_error(self, status_code: int, **options: Any) -> None:
        """Say what is wrong in one sentence."""
        error = options.get("exc_info", (None, None))[1]
        if isinstance(error, Refused):
            self.set_status(error.status)
        problem = error.problem if isinstance(error, Refused) else self._reason
        self.finish({"problem": problem})

    def log_exception(self, kind: Any, error: Any, trace: Any) -> None:
        """Print mistakes of ours only."""
        if not isinstance(error, Refused):
            super().log_exception(kind, error, trace)


class Report(Handler):
    """Takes outcomes from anywhere, a notebook in a browser included."""

    def set_default_headers(self) -> None:
        """Let pages of other addresses send outcomes here."""
        super().set_default_headers()
        self.set_header("Access-Control-Allow-Origin", "*")
        self.set_header("Access-Control-Allow-Headers", "Content-Type")
        self.set_header("Access-Control-Allow-Private-Network", "true")

    def prepare(self) -> None:
        """Read no more than a class would send."""
        if not self.settings["meter"].allows(self.request.remote_ip):
            raise Refused(429, "Too many messages. Send it again later.")

    def options(self) -> None:
        """Answer a browser that asks first."""
        self.set_status(204)

    def post(self) -> None:
        """Take a message."""
        computers: dict[str, str] = self.settings["computers"]
        here = self.request.remote_ip or ""
        mine = sum(computer == here for computer in computers.values())
        message = self.message()
        name = self.board.report(message, mine < self.settings["per_computer"])
        computers[message["student"]] = here
        self.write({"name": name})


class Home(Handler):
    """The board for whoever has the key; for others, how to join."""

    def get(self) -> None:
        """Show it."""
        key = self.get_query_argument("key", "")
        if key and hmac.compare_digest(key.encode(), self.board.key.encode()):
            self.set_cookie(COOKIE, key, httponly=True, samesite="Strict", expires_days=30)
            self.redirect("/")  # so that the key does not stay on the projector
            return
        page = "board.html" if self.is_teacher() else "students.html"
        self.render(page, address=self.settings["address"])


class ForTeacher(Handler):
    """What needs the key."""

    def prepare(self) -> None:
        """Refuse others. A page of another address cannot set the header."""
        safe = self.request.method == "GET" or "X-Board" in self.request.headers
        if not self.is_teacher() or not safe:
            raise Refused(403, "Open the board with the address that was printed.")

    def everything(self) -> bool:
        """Return whether what was before this hour is asked for."""
        return self.get_query_argument("hour", "this") == "all"


class State(ForTeacher):
    """What the page shows, once it has changed."""

    def get(self) -> None:
        """Answer with the view, or with nothing if the page has it."""
        if self.get_query_argument("since", "") == str(self.board.version):
            self.set_status(204)
            return
        lesson = self.get_query_argument("lesson", "")
        number = int(lesson) if lesson.isascii() and lesson.isdigit() and len(lesson) < 4 else None
        shown = view(self.board, number, self.everything())
        computers = self.settings["computers"]
        of_computer = Counter(computers[one] for one in self.board.hour if one in computers)
        by_number = {number: student for student, number in self.board.numbers.items()}
        for one in shown["students"]:
            computer = computers.get(by_number[one["number"]])
            one["neighbors"] = of_computer[computer] if computer else 0
        self.write({**shown, "address": self.settings["address"]})


class Act(ForTeacher):
    """What the teacher does."""

    def post(self) -> None:
        """Do it."""
        message = self.message()
        action = message.get("action") if isinstance(message, dict) else None
        if action == "new hour":
            self.board.new_hour()
        elif action in ("open", "close"):
            self.board.let_in(action == "open")
        elif action in ("remove", "remove computer"):
            self.board.remove(self._students(message.get("number"), action == "remove computer"))
        elif action == "load" and isinstance(message.get("lines"), list):
            new, bad = self.board.load(line for line in message["lines"] if isinstance(line, str))
            self.write({"new": new, "bad": bad})
        else:
            raise Refused(400, "There is no such action.")

    def _students(self, number: Any, whole_computer: bool) -> list[str]:
        numbers, computers = self.board.numbers, self.settings["computers"]
        found = [student for student, one in numbers.items() if one == number]
        if whole_computer and found and found[0] in computers:
            computer = computers[found[0]]
            return [one for one in numbers if computers.get(one) == computer]
        return found


class Table(ForTeacher):
    """The outcomes as a file."""

    def get(self) -> None:
        """Send it. The first bytes tell spreadsheets that it is UTF-8."""
        self.set_header("Content-Type", "text/csv; charset=utf-8")
        self.set_header("Content-Disposition", 'attachment; filename="class_board.csv"')
        self.finish("\ufeff" + table(self.board, self.everything()))


def application(board: Board, address: str, per_computer: int = 250) -> Application:
    """Return the web application; ``address`` is what students have to type."""
    handlers = [
        ("/", Home),
        ("/report", Report),
        ("/state", State),
        ("/act", Act),
        ("/class_board.csv", Table),
        (r"/(board\.css|board\.js)", StaticFileHandler, {"path": PAGE}),
    ]
    return Application(
        handlers,
        template_path=str(PAGE),
        board=board,
        address=address,
        per_computer=per_computer,
        meter=Meter(),
        computers={},  # of which students joined from where; not kept in the file
        log_function=lambda handler: None,
    )


def serve(app: Application, port: int, host: str) -> Door:
    """Listen; raises OSError if the port is taken."""
    server = Door(
        app,
        max_body_size=MOST_BYTES,
        max_header_size=16_000,
        idle_connection_timeout=SECONDS,
        body_timeout=SECONDS,
    )
    server.listen(port, host)
    return server


def is_loopback(address: str) -> bool:
    """Return whether this is the computer itself."""
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False
