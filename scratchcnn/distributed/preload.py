"""What each worker process does before its first task: Dask calls `dask_setup`."""

import signal
import threading

from scratchcnn.distributed import sharding  # noqa: F401  (so that the first task need not)


def dask_setup(worker: object) -> None:
    """Leave Ctrl-C to the process that started this one: it ends the training between updates."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
