"""needed: choose the statements of a notebook that one function needs."""

from __future__ import annotations

import ast
import builtins
import linecache
import re
import symtable
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Statement:
    """A statement of a cell, the names that it gives a meaning, and those that it asks for."""

    cell: int
    node: ast.stmt
    source: str
    defines: frozenset[str]
    uses: frozenset[str]

    @property
    def is_stub(self) -> bool:
        """Whether it is a function, or a class, of which nothing is written yet."""
        inside = self.node.body if isinstance(self.node, ast.ClassDef) else [self.node]
        functions = [each for each in inside if isinstance(each, ast.FunctionDef)]
        ends = [ast.unparse(each.body[-1]) for each in functions if each.name[:2] != "__"]
        return bool(ends) and all(end.startswith("raise NotDone(") for end in ends)


class Unreadable(Exception):
    """The cell that defines the function is no Python."""


def needed(cells: list[str], name: str, at: int) -> list[tuple[str, str]]:
    """Return what has to run before a function can be called: the name of a cell, and a source.

    Parameters
    ----------
    cells : list of str
        The sources of all code cells, in order.
    name : str
        The function.
    at : int
        Before which cell it is to be called. What follows there counts only if it is the only
        place where something is defined.

    Returns
    -------
    list of (str, str)
        Only imports, definitions and assignments that the function needs, directly or not, in
        their order. It is empty if nothing defines the function.

    Raises
    ------
    Unreadable
        If a cell that seems to define it cannot be read.
    """
    statements, broken = [], ""
    for number, source in enumerate(cells):
        try:
            statements += list(statements_of(source, number))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            if re.search(rf"^\s*(def|class)\s+{re.escape(name)}\b", source, re.M):
                broken = f"line {getattr(error, 'lineno', 0) or 1}: {getattr(error, 'msg', error)}"
    wanted, chosen, asked = [name], set(), set()
    while wanted:
        each = wanted.pop()
        if each in asked:
            continue
        asked.add(each)
        for place in defining(statements, each, at):
            chosen.add(place)
            wanted += statements[place].uses
    if broken and not any(name in statements[place].defines for place in chosen):
        raise Unreadable(broken)
    if not any(name in statements[place].defines for place in chosen):
        return []
    chosen |= {i for i, one in enumerate(statements) if "*" in one.defines}
    remember_lines(cells)
    return [(cell_name(statements[i].cell), statements[i].source) for i in sorted(chosen)]


def defining(statements: list[Statement], name: str, at: int) -> list[int]:
    """Return the places of the statements that give a name its meaning for the cell ``at``."""
    places = [i for i, one in enumerate(statements) if name in one.defines]
    # A copy of the stub further down does not undo what has been written.
    places = [i for i in places if not statements[i].is_stub] or places
    return [i for i in places if statements[i].cell < at] or places


def statements_of(source: str, cell: int) -> Iterator[Statement]:
    """Return the statements of a cell that give names a meaning."""
    # Lines that only a notebook understands: %magic, !command.
    source = re.sub(r"^(\s*)[%!].*$", r"\1pass", source, flags=re.M)
    lines = source.splitlines(keepends=True)
    for node in ast.parse(source).body:
        if isinstance(node, ast.Expr | ast.Delete):
            continue
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(each.lineno for each in decorators)])
        text = "\n" * (first - 1) + "".join(lines[first - 1 : node.end_lineno])
        asks = frozenset(used(symtable.symtable(text, cell_name(cell), "exec")))
        yield Statement(cell, node, text, frozenset(defined(node)), asks - set(vars(builtins)))


def defined(node: ast.stmt) -> Iterator[str]:
    """Return the names that a statement defines in the notebook."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        for alias in node.names:
            yield alias.asname or alias.name.partition(".")[0]
    else:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt):
                yield from defined(child)
            elif isinstance(child, ast.ExceptHandler):
                for each in child.body:
                    yield from defined(each)
            else:
                for part in ast.walk(child):
                    if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                        yield part.id


def used(table: symtable.SymbolTable) -> Iterator[str]:
    """Return the names that a statement asks the notebook for: not those of its own variables."""
    top = table.get_type() == "module"
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (top or symbol.is_global()):
            yield symbol.get_name()
    for inside in table.get_children():
        yield from used(inside)


def cell_name(number: int) -> str:
    """Return what a cell is called in messages."""
    return f"<cell {number + 1}>"


def remember_lines(cells: list[str]) -> None:
    """Let messages quote the lines of the cells."""
    for number, source in enumerate(cells):
        name = cell_name(number)
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
