"""Show the playground as an offline web app: all explorers, without the code around them.

python tools/play.py [options of Voila, such as --port=8866 --no-browser]
"""

import os
import sys
from pathlib import Path

from scratchcnn.widgets.server import without_delay

ROOT = Path(__file__).parent.parent
PLAYGROUND = ROOT / "notebooks" / "playground.ipynb"
# Other JupyterLab extensions are not needed in the app, and some of them fail in it.
EXTENSIONS = [
    "anywidget",
    "@jupyter-widgets/jupyterlab-manager",
    "@voila-dashboards/widgets-manager8",
]


def main() -> None:
    """Start Voila and open the browser."""
    # Where Voila looks for templates; it reads this at import.
    paths = [str(Path(__file__).parent / "jupyter"), os.environ.get("JUPYTER_PATH", "")]
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, paths))
    try:
        from voila.app import Voila
    except ImportError:
        sys.exit('Voila is not installed: run pip install "scratchcnn[lab]"')
    options = [f"--VoilaConfiguration.extension_allowlist={name}" for name in EXTENSIONS]
    options.append("--template=offline")

    class Playground(Voila):
        kernel_websocket_connection_class = without_delay(
            Voila.kernel_websocket_connection_class.default_value
        )

    Playground.launch_instance([str(PLAYGROUND), *options, *sys.argv[1:]])


if __name__ == "__main__":
    main()
