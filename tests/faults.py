"""Small faults in a function: one operator, index, axis, sign, name or constant at a time."""

import ast
import copy

OPERATORS = {
    ast.Add: [ast.Sub, ast.Mult],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.Add, ast.Div],
    ast.Div: [ast.Mult, ast.FloorDiv],
    ast.FloorDiv: [ast.Div, ast.Mult],
    ast.MatMult: [ast.Mult],
    ast.Pow: [ast.Mult],
}
COMPARISONS = {ast.Gt: [ast.GtE, ast.Lt], ast.GtE: [ast.Gt, ast.Lt], ast.Eq: [ast.NotEq]}
FUNCTIONS = {
    "max": ["min", "sum"],
    "sum": ["mean", "max"],
    "mean": ["sum", "max"],
    "argmax": ["argmin"],
    "maximum": ["minimum"],
    "exp": ["log"],
    "log": ["exp"],
    "sqrt": ["square"],
    "var": ["std"],
    "zeros": ["ones"],
    "T": ["real"],
}


def body_of(source):
    """Return the source of a function, or class, without docstrings, as Python writes it."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            node.body = node.body[1:]
    return ast.unparse(tree)


def faulty(source):
    """Yield the source with one fault, for every fault that we know."""
    tree = ast.parse(source)
    names = sorted({node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - {"np"})
    for place, node in enumerate(ast.walk(tree)):
        for attribute, value in changes(node, names):
            changed = copy.deepcopy(tree)
            setattr(list(ast.walk(changed))[place], attribute, value)
            text = ast.unparse(changed)
            if text != source:
                yield text


def changes(node, names):
    """Return what can go wrong at one place, as an attribute of the node and its new value."""
    match node:
        case ast.BinOp(op=op) | ast.AugAssign(op=op):
            return [("op", other()) for other in OPERATORS.get(type(op), [])]
        case ast.Compare():
            return [("ops", [other()]) for other in COMPARISONS.get(type(node.ops[0]), [])]
        case ast.Constant(value=bool(value)):
            return [("value", not value)]
        case ast.Constant(value=int(value) | float(value)):
            return [("value", other) for other in (value + 1, value - 1, 2 * value, -value)]
        case ast.Attribute(attr=name):
            return [("attr", other) for other in FUNCTIONS.get(name, [])]
        case ast.UnaryOp(op=ast.USub()):
            return [("op", ast.UAdd())]
        case ast.Name(ctx=ast.Load()) if node.id in names:
            return [("id", other) for other in names if other != node.id]
        case ast.Return(value=ast.Tuple(elts=values)):
            return [("value", ast.Tuple(values[::-1], ast.Load()))]
    return []
