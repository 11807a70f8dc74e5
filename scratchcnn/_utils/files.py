"""write_atomic: write a file completely, or not at all."""

import os
from pathlib import Path


def write_atomic(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees it incomplete.

    The content is written to a temporary file, which is then renamed in a single step: others
    see either the old file or the complete new one. If the disk is full or not writable,
    raises OSError and leaves nothing behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.urandom(8).hex()}.part")
    try:
        with open(unfinished, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # reach the disk before the renaming, even if power fails
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
