"""Which module of a package imports which, wherever in the file it does so."""

import ast
from pathlib import Path

Graph = dict[str, set[str]]


def modules_of(package):
    """Return the package's modules by dotted name, each with its file."""
    found = {}
    for path in sorted(Path(package).rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def homes_of_public_names(package):
    """Return where each name that the package hands on is defined, from its __init__.pyi."""
    stub = package / "__init__.pyi"
    tree = ast.parse(stub.read_text(encoding="utf-8")) if stub.exists() else ast.Module([], [])
    return {
        alias.asname or alias.name: node.module
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module != package.name
        for alias in node.names
    }


def import_graph(package) -> Graph:
    """Return what each module of the package imports of the package.

    Imports inside functions and under ``TYPE_CHECKING`` count, and so do relative ones. An import
    of ``a.b.c`` runs ``a.b`` first, so that counts as well, except from inside ``a.b``. The
    package's own ``__init__`` is left out: it loads on demand. A name imported from there counts
    as an import of the module that defines it.
    """
    modules, homes = modules_of(package), homes_of_public_names(package)
    root = package.name
    graph = {}
    for name, path in modules.items():
        if name == root:
            continue
        targets = set()
        for target in _targets(ast.parse(path.read_text(encoding="utf-8")), name, path, modules):
            head, _, last = target.rpartition(".")
            target = homes.get(last, target) if head == root and target not in modules else target
            while target and target not in modules:  # a name in a module: the module
                target = target.rpartition(".")[0]
            while target and target != root:
                if not f"{name}.".startswith(f"{target}."):
                    targets.add(target)
                target = target.rpartition(".")[0]
        graph[name] = targets
    return graph


def _targets(tree, name, path, modules):
    """Return the dotted names that the file imports, such as ``scratchcnn.losses.softmax``."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = name.split(".")
                parts = parts if path.stem == "__init__" else parts[:-1]
                parts = parts[: len(parts) - node.level + 1]
                base = ".".join([*parts, *filter(None, [node.module])])
            names |= {f"{base}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            names |= {arg.value for arg in node.args if isinstance(arg, ast.Constant)}
    return {target for target in names if target.split(".")[0] == next(iter(modules)).split(".")[0]}


def part_of(module):
    """Return the part of the package that a module belongs to: ``losses``, ``layers``, ``fast``."""
    return module.split(".")[1]
