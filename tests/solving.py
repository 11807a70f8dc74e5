"""Put solutions in the place of the stubs."""

import ast
from pathlib import Path

from scratchcnn.exercises.declaration import EXERCISES

WORKBOOK = sorted((Path(__file__).parent.parent / "notebooks" / "workbook").glob("*.ipynb"))


def solve(cell):
    """Put solutions in the place of the stubs of a cell; return the names of their exercises."""
    names = []
    for node in ast.parse(cell.source).body:
        stub = ast.get_source_segment(cell.source, node)
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and "NotDone(" in stub:
            cell.source = cell.source.replace(stub, EXERCISES[node.name].source.strip())
            names.append(node.name)
    return names
