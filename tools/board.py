"""The class board: a page that follows, while a class works, who has solved what.

python tools/board.py [--network] [--port 8899] [--file class_board.jsonl] [--load FOLDER]

Students join with a code name and the line that the board shows. With --network, which `make
board` sets, the other computers of the network can reach it: they can report outcomes and read
how to join. The board itself opens only with the key in the address that is printed here.
"""

import argparse
import asyncio
import logging
import socket
import sys
import threading
import webbrowser
from contextlib import suppress
from pathlib import Path

try:
    from tornado.ioloop import PeriodicCallback
except ImportError:
    sys.exit('Tornado, which comes with Jupyter, is missing: pip install "scratchcnn[lab]"')

from board_messages import Refused
from board_server import application, is_loopback, serve
from board_state import Board


def addresses() -> list[str]:
    """Return the addresses of this computer in its networks, the most likely one first."""
    found = []
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # only chooses a route: nothing is sent
        found.append(probe.getsockname()[0])
    with suppress(OSError):
        found += [one[4][0] for one in socket.getaddrinfo(socket.gethostname(), 0, socket.AF_INET)]
    return [one for one in dict.fromkeys(map(str, found)) if not is_loopback(one)]


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", action="store_true", help="other computers can reach it")
    parser.add_argument("--port", type=int, default=8899)
    parser.add_argument("--address", help="what students type, if it is not the one found")
    parser.add_argument("--file", type=Path, default=Path("class_board.jsonl"))
    parser.add_argument("--load", type=Path, help="a folder with files that students have kept")
    parser.add_argument("--students", type=int, default=500, help="how many may join")
    parser.add_argument("--per-computer", type=int, default=250, help="how many from one address")
    parser.add_argument("--no-browser", action="store_true", help="open no page")
    return parser.parse_args()


def load_folder(board: Board, folder: Path) -> None:
    """Take the files that students have kept."""
    for path in sorted(folder.rglob("*.jsonl")):
        if path.resolve() != board.path.resolve():
            text = path.read_text(encoding="utf-8", errors="replace")
            new, bad = board.load(text.splitlines())
            print(
                f"  {path}: outcomes that are new: {new}"
                + (f", unreadable lines: {bad}" if bad else "")
            )


async def main() -> None:
    """Start the board, and print what to type."""
    chosen = options()
    for name in ("tornado.general", "tornado.access"):
        logging.getLogger(name).disabled = True  # what strangers send is not worth a line
    try:
        board = Board(chosen.file, chosen.students)
        if chosen.load:
            load_folder(board, chosen.load)
    except (OSError, Refused) as error:
        sys.exit(f"The board cannot use {chosen.file}: {error}")
    found = addresses() if chosen.network else []
    address = chosen.address or f"http://{(found or ['127.0.0.1'])[0]}:{chosen.port}"
    app = application(board, address, chosen.per_computer)
    try:
        server = serve(app, chosen.port, "0.0.0.0" if chosen.network else "127.0.0.1")
    except OSError as error:
        sys.exit(
            f"Port {chosen.port} cannot be used ({error.strerror}). Is a board running already? "
            "Otherwise choose another: --port=8900"
        )
    page = f"http://127.0.0.1:{chosen.port}/?key={board.key}"
    say(board, chosen, address, found, page)
    if not chosen.no_browser:
        threading.Thread(target=webbrowser.open, args=(page,), daemon=True).start()
    keeper = PeriodicCallback(board.sync, 2000)
    keeper.start()
    try:
        await asyncio.Event().wait()
    finally:
        server.stop()
        board.sync()


def say(
    board: Board, chosen: argparse.Namespace, address: str, found: list[str], page: str
) -> None:
    """Print what the teacher needs to know."""
    print("The class board is running. Ctrl-C stops it. Start it again, and it continues.\n")
    print(f"  Your page, on this computer:    {page}")
    print("  What students type:             from scratchcnn import exercises")
    print(f'                                  exercises.join("{address}", "code name")\n')
    if chosen.network:
        print("Every computer on this network can now report outcomes to it and read how to join,")
        print(
            "and nothing else. The page with the outcomes needs the key above: keep it to yourself."
        )
        others = [f"http://{one}:{chosen.port}" for one in found[1:]]
        if others:
            print(f"If students cannot reach it, let them try {' or '.join(others)}.")
        if not found and not chosen.address:
            print("This computer is on no network: only notebooks on it can join.")
    else:
        print("Only notebooks on this computer can join. --network opens it to the others.")
    print(f"{len(board.hour)} students so far. Everything is kept in {board.path}.")
    if board.unreadable:
        print(f"{board.unreadable} damaged lines of the file were skipped.")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        print("\nThe class board has stopped.")
