"""confine: take away from this process what a function of the workbook does not need.

Two fences. Python's audit events stop what goes through Python, on every system, with a word for
the student. On Linux, Landlock also lets the kernel refuse writing, programs, connections and
signals, however they are asked for. Without Landlock, somebody who knows Python from inside can
climb the fence: then only an account without rights, or a container, is safe.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from typing import Any

# What begins like this is refused: it reaches files, programs, the network, or this fence itself.
REFUSED = (
    "os.", "shutil.", "subprocess.", "socket.", "ctypes.", "pty.", "fcntl.", "mmap.", "sqlite3.",
    "signal.", "resource.", "tempfile.", "gc.", "webbrowser.", "urllib.", "http.", "ftplib.",
    "smtplib.", "imaplib.", "poplib.", "telnetlib.", "nntplib.", "winreg.", "_winapi.", "msvcrt.",
    "syslog.", "builtins.input", "sys.remote_exec",
)  # fmt: skip
# What Python itself needs to import a module.
HARMLESS = ("os.listdir", "os.scandir", "os.walk", "os.putenv", "os.unsetenv")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
SOLUTIONS = ("scratchcnn", "exercises")  # a folder in a folder: the answers, and nothing else

MEMORY, FILE, SECONDS = 4 * 2**30, 0, 60  # bytes, bytes, of the processor


def confine(readable: tuple[str, ...]) -> None:
    """Confine this process, for good; only files below ``readable`` can be read from now on."""
    limit_resources()
    landlock()
    # This starts programs without an audit event. Libraries may import subprocess all the same.
    sys.modules["_posixsubprocess"] = None  # type: ignore[assignment]
    vars(subprocess).pop("_fork_exec", None)
    sys.addaudithook(_fence(tuple(place.rstrip(os.sep) + os.sep for place in readable)))


def _fence(readable: tuple[str, ...]) -> Any:
    refused, harmless, writing, solutions, sep = REFUSED, HARMLESS, WRITING, SOLUTIONS, os.sep

    # This uses nothing that a student could exchange: only built-in types and its own variables.
    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if type(path) is int:
                return
            if type(path) is bytes:
                path = bytes.decode(path, "utf-8", "replace")
            if type(path) is str and not (type(flags) is int and flags & writing):
                steps = str.split(path, sep)
                plain = not any(step in ("", ".", "..") for step in steps[1:])
                pairs = [(steps[i], steps[i + 1]) for i in range(len(steps) - 1)]
                if plain and str.startswith(path, readable) and solutions not in pairs:
                    return
            raise PermissionError("opening this file is not allowed in grading")
        if str.startswith(event, refused) and event not in harmless:
            raise PermissionError(f"{event} is not allowed in grading")

    return hook


def limit_resources() -> None:
    """Limit memory, processor time and files, where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    limits = {"AS": MEMORY, "CPU": SECONDS, "FSIZE": FILE, "CORE": 0, "NPROC": 0}
    for name, value in limits.items():
        number = getattr(resource, f"RLIMIT_{name}", None)
        if number is not None:
            try:
                resource.setrlimit(number, (value, value))
            except (ValueError, OSError):  # a lower limit is set already
                continue


def landlock() -> bool:
    """Let the kernel refuse every change of a file, program, TCP connection and signal.

    Returns
    -------
    bool
        False where there is no Landlock: other systems, and Linux before 5.13.
    """
    if not sys.platform.startswith("linux"):
        return False
    call = ctypes.CDLL(None, use_errno=True).syscall
    create, restrict, no_new_rights = 444, 446, 38  # <linux/landlock.h>, PR_SET_NO_NEW_PRIVS
    version = call(create, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return False
    files = sum(1 << bit for bit in (0, 1, *range(4, 13)))  # run, write, remove, make
    files |= (version >= 2) << 13 | (version >= 3) << 14  # move, truncate
    size = 8 if version < 4 else 16 if version < 6 else 24
    rules = (ctypes.c_uint64 * 3)(files, 3, 3)  # files; bind, connect; sockets, signals
    # Whatever is named here and not allowed again is refused.
    number = call(create, rules, ctypes.c_size_t(size), 0)
    if number < 0 or ctypes.CDLL(None).prctl(no_new_rights, 1, 0, 0, 0) != 0:
        return False
    done = call(restrict, number, 0) == 0
    os.close(number)
    return done
