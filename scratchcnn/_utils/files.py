"""write_atomic: a file is there as a whole, or not at all."""

import os
from pathlib import Path


def write_atomic(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees a part of it under its name.

    It grows under a name of its own and is then renamed, which is one step: others see
    what was there before or the whole new file. Raises OSError and leaves nothing behind
    if the disk is full or may not be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.urandom(8).hex()}.part")
    try:
        with open(unfinished, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # on the disk before it gets its name, even if power fails
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
