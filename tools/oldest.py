"""Print the oldest versions that pyproject.toml allows, as constraints for pip.

python tools/oldest.py > oldest.txt
python -m pip install -c oldest.txt -e ".[course,lab,keras,cluster,test]"
"""

import re
import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).parent.parent / "pyproject.toml"


def oldest(requirements: list[str]) -> list[str]:
    """Turn every lower bound into a pin: ``numpy>=2.0`` becomes ``numpy==2.0``.

    Raises
    ------
    ValueError
        If a requirement is neither ``name>=version`` nor ``name==version``.
    """
    for requirement in requirements:
        if not re.fullmatch(r"[A-Za-z0-9_.-]+[>=]=[0-9.]+", requirement):
            raise ValueError(f"{requirement!r} names no oldest version, expected name>=1.2")
    return [requirement.replace(">=", "==") for requirement in requirements]


def requirements() -> list[str]:
    """Return the requirements of the package and all its extras, as in pyproject.toml."""
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    return sorted({*project["dependencies"], *(item for extra in extras for item in extra)})


if __name__ == "__main__":
    print("\n".join(oldest(requirements())))
