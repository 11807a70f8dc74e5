"""A student who works on a JupyterHub, over the same connections as a browser."""

from __future__ import annotations

import asyncio
import json
import re
import time
import uuid
from typing import Any

import aiohttp
from jupyter_server.services.kernels.connection.base import (
    deserialize_msg_from_ws_v1,
    serialize_msg_to_ws_v1,
)
from yarl import URL

PROTOCOL = "v1.kernel.websocket.jupyter.org"
STARTING, ANSWERING = 300, 120  # seconds until waiting is an error
FRONT_END = "scratchcnn.widgets.stage.Stage"

Message = dict[str, Any]


class Student:
    """A student with a name, a browser's cookies, and one open notebook."""

    def __init__(self, hub: str, name: str, password: str) -> None:
        self.hub, self.name, self.password = hub, name, password
        self.base = f"{hub}/user/{name}"
        self.web = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.kernel = ""
        self.session = uuid.uuid4().hex
        self.socket: aiohttp.ClientWebSocketResponse | None = None
        # By the id of the request: who waits, and the reply, until its last output is here as well.
        self.waiting: dict[str, asyncio.Future[Message]] = {}
        self.replies: dict[str, Message] = {}
        self.outputs: dict[str, list[Message]] = {}
        self.stages: dict[str, Message] = {}  # the state of each explorer's picture
        self.frame_arrived = asyncio.Event()
        self.reader: asyncio.Task[None] | None = None

    def cookie(self, url: str) -> str:
        """Return the token that a form or request on this page has to repeat."""
        cookie = self.web.cookie_jar.filter_cookies(URL(url)).get("_xsrf")
        return cookie.value if cookie else ""

    async def log_in(self) -> None:
        """Send the form of the login page."""
        page = f"{self.hub}/hub/login"
        async with self.web.get(page) as answer:
            answer.raise_for_status()
        form = {"username": self.name, "password": self.password, "_xsrf": self.cookie(page)}
        async with self.web.post(page, data=form, allow_redirects=False) as answer:
            if answer.status != 302:
                raise RuntimeError(f"login: {answer.status}")

    async def start_server(self) -> None:
        """Ask for a server, wait until it is ready, and let the hub introduce us to it."""
        async with self.web.get(f"{self.hub}/hub/spawn/{self.name}") as answer:
            if not answer.ok:  # the server has died at once
                raise RuntimeError(f"start: {answer.status}: {await answer.text()}")
        progress = f"{self.hub}/hub/api/users/{self.name}/server/progress"
        query = {"_xsrf": self.cookie(f"{self.hub}/hub/")}
        limit = aiohttp.ClientTimeout(STARTING)
        async with self.web.get(progress, params=query, timeout=limit) as answer:
            answer.raise_for_status()
            async for line in answer.content:
                if line.startswith(b"data:"):
                    event = json.loads(line.removeprefix(b"data:"))
                    if event.get("failed"):
                        raise RuntimeError(f"start: {event}")
                    if event.get("ready"):
                        break
        await self.visit()

    async def visit(self) -> None:
        """Open JupyterLab's page; the hub's cookies are fetched on the way."""
        async with self.web.get(f"{self.base}/lab") as answer:
            answer.raise_for_status()
            if not answer.url.path.endswith("/lab"):
                raise RuntimeError(f"led to {answer.url.path}")

    async def ask(self, method: str, path: str, **options: Any) -> Any:
        """Send a request to the student's own server, and return what it answers."""
        headers = {"X-XSRFToken": self.cookie(f"{self.base}/")}
        address = f"{self.base}/api/{path}"
        async with self.web.request(method, address, headers=headers, **options) as answer:
            answer.raise_for_status()
            return await answer.json() if answer.status != 204 else None

    async def open_notebook(self, path: str) -> Message:
        """Open a notebook with a kernel of its own, and return its content."""
        notebook = await self.ask("GET", f"contents/{path}")
        asked = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
        session = await self.ask("POST", "sessions", json=asked)
        self.kernel = session["kernel"]["id"]
        await self.connect()
        return notebook["content"]

    async def connect(self) -> None:
        """Connect to the kernel, for the first time or again."""
        if self.reader:
            self.reader.cancel()
        if self.socket:
            await self.socket.close()
        address = f"{self.base}/api/kernels/{self.kernel}/channels?session_id={self.session}"
        self.socket = await self.web.ws_connect(
            address, protocols=[PROTOCOL], max_msg_size=0, headers={"Origin": self.hub}
        )
        self.reader = asyncio.create_task(self.read(self.socket))

    async def read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Take in everything that the kernel sends."""
        async for message in socket:
            if message.type is aiohttp.WSMsgType.BINARY:
                self.take(deserialize_msg_from_ws_v1(message.data)[1])

    def take(self, parts: list[bytes]) -> None:
        """Sort one message: the end of a request, an output, or news of an explorer."""
        header, parent, _, content = (json.loads(part) for part in parts[:4])
        kind, request = header["msg_type"], parent.get("msg_id", "")
        if request in self.waiting and kind in ("execute_reply", "status"):
            if kind == "execute_reply" or content["execution_state"] == "idle":
                self.replies[request] = self.replies.get(request, {}) | content
            reply = self.replies.get(request, {})
            if "status" in reply and "execution_state" in reply:
                self.waiting.pop(request).set_result(self.replies.pop(request))
        elif kind in ("stream", "error", "display_data", "execute_result"):
            self.outputs.setdefault(request, []).append({"kind": kind, **content})
        elif kind == "comm_open":
            state = content["data"].get("state", {})
            if state.get("_anywidget_id") == FRONT_END:
                self.stages[content["comm_id"]] = state
        elif kind == "comm_msg" and content["comm_id"] in self.stages:
            state = content["data"].get("state", {})
            self.stages[content["comm_id"]].update(state)
            if "answered" in state:
                # The picture comes as bytes, in the same message.
                self.stages[content["comm_id"]]["bytes"] = sum(map(len, parts[4:]))
                self.frame_arrived.set()

    async def send(self, kind: str, content: Message, metadata: Message | None = None) -> str:
        """Send a message to the kernel, and return its id."""
        assert self.socket is not None
        number = uuid.uuid4().hex
        header = {
            "msg_id": number, "msg_type": kind, "session": self.session, "username": self.name,
            "date": "", "version": "5.3",
        }  # fmt: skip
        parts = [json.dumps(part).encode() for part in (header, {}, metadata or {}, content)]
        await self.socket.send_bytes(serialize_msg_to_ws_v1(parts, "shell"))
        return number

    async def run(self, code: str, cell: str = "") -> list[Message]:
        """Run a cell, and return its outputs; an error in it is an error here."""
        content = {
            "code": code, "silent": False, "store_history": True, "user_expressions": {},
            "allow_stdin": False, "stop_on_error": True,
        }  # fmt: skip
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        number = await self.send("execute_request", content, {"cellId": cell})
        self.waiting[number] = future
        reply = await asyncio.wait_for(future, ANSWERING)
        if reply["status"] != "ok":
            raise RuntimeError(f"cell {cell}: {reply.get('ename')}: {reply.get('evalue')}")
        return self.outputs.pop(number, [])

    async def run_all(self, notebook: Message) -> int:
        """Run all cells of a notebook from top to bottom; return how many."""
        cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        for cell in cells:
            await self.run("".join(cell["source"]), cell.get("id", ""))
        return len(cells)

    async def move(self, key: str, region: str = "feature map") -> float:
        """Press a key in the explorer; return the seconds until its new frame is here.

        The position in the explorer's caption has to follow.
        """
        (comm, stage), *_ = self.stages.items()
        before = position(stage)
        event = {"kind": "key", "region": region, "key": key}
        data = {"method": "custom", "content": {"events": [event]}}
        self.frame_arrived.clear()
        begin = time.perf_counter()
        await self.send("comm_msg", {"comm_id": comm, "data": data})
        await asyncio.wait_for(self.frame_arrived.wait(), ANSWERING)
        seconds = time.perf_counter() - begin
        step = {"ArrowRight": (0, 1), "ArrowLeft": (0, -1)}[key]
        moved = tuple(now - then for now, then in zip(position(stage), before, strict=True))
        if stage.get("error") or moved != step or not stage["bytes"]:
            raise RuntimeError(f"explorer: {stage.get('error') or moved}, {stage['bytes']} bytes")
        return seconds

    async def close(self) -> None:
        """Close the browser. Server and kernel go on."""
        if self.reader:
            self.reader.cancel()
        if self.socket:
            await self.socket.close()
        await self.web.close()


def position(stage: Message) -> tuple[int, ...]:
    """Return the row and the column that an explorer's caption names."""
    found = re.match(r"Row (\d+), column (\d+)", stage["caption"])
    if not found:
        raise RuntimeError(f"caption: {stage['caption']!r}")
    return tuple(map(int, found.groups()))
