"""Start the server of one student, under the student's account: the hub runs this file.

It limits the memory, puts the notebooks into the student's folder, and becomes the server.
"""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path


def limit_memory() -> None:
    """Let each process of this student have no more memory than the hub's ``mem_limit``."""
    limit = int(os.environ.get("MEM_LIMIT") or 0)
    if limit and sys.platform == "linux":  # elsewhere, this limit does not cover large arrays
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def make_room_for_sockets() -> None:
    """Give the kernels a folder for their sockets: only the owner opens it, and its name is short.

    The system takes no more than about a hundred letters, and in a home folder they may be more.
    """
    folder = tempfile.mkdtemp(prefix="jupyter-")
    os.environ["JUPYTER_RUNTIME_DIR"] = folder
    atexit.register(shutil.rmtree, folder, ignore_errors=True)


def main() -> None:
    """Prepare the folder in a process of its own, whose memory is given back; start the server."""
    limit_memory()
    prepare = [sys.executable, Path(__file__).with_name("prepare_home.py")]
    failed = subprocess.run(prepare, check=False).returncode
    # Whoever has everything from before can work, and make room on a full disk. Others cannot, and
    # the hub tells them why (jupyterhub_config.py).
    if failed and not os.path.lexists(Path.home() / "notebooks" / "results"):
        sys.exit(os.EX_CANTCREAT)
    make_room_for_sockets()
    os.chdir(Path.home())
    # jsonschema would compile the grammar of international web addresses now, which no notebook
    # needs: one second of processor time at every start. It does without if this is missing.
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    from jupyterhub.singleuser import main as serve

    serve()


if __name__ == "__main__":
    main()
