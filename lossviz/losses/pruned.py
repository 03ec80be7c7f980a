"""Leaving out of a loss's lines what only the panel's picture needs."""

from __future__ import annotations

import ast
from collections.abc import Sequence


def without_pictures(lines: Sequence[str], wanted: str) -> list[str]:
    """The lines without gradients that are taken on the way, for a picture, and without what only those need.

    A ``.backward()`` cannot change the loss, so nor can leaving it out. Lines without one are left as they are.

    Args:
        lines: Whole statements and comments; a comment belongs to the statement after it.
        wanted: The name that the lines are run for.

    >>> without_pictures(["# For p.", "p = x.detach()", "f(p).backward()", "loss = f(x)"], "loss")
    ['loss = f(x)']
    """
    text = "\n".join(lines)
    statements = ast.parse(text).body
    if not any(_is_backward(statement) for statement in statements):
        return list(lines)
    needed, kept = {wanted}, []
    for statement in reversed(statements):
        if _is_backward(statement) or (
            isinstance(statement, ast.Assign) and not _names(statement, ast.Store) & needed
        ):
            continue
        kept.append(statement)
        needed |= _names(statement, ast.Load)
    written = text.splitlines()
    found: list[str] = []
    for statement in reversed(kept):
        first = statement.lineno - 1
        while first and written[first - 1].startswith("#"):
            first -= 1
        found += written[first : statement.end_lineno]
    return found


def _is_backward(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="backward"))):
            return True
    return False


def _names(statement: ast.stmt, context: type[ast.expr_context]) -> set[str]:
    """The names that a statement sets or uses. What it sets a part of, as in ``a.b = c``, it also uses."""
    found = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, context)}
    if context is ast.Store:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        parts = [target for target in targets if isinstance(target, ast.Attribute | ast.Subscript)]
        found |= {n.id for part in parts for n in ast.walk(part) if isinstance(n, ast.Name)}
    return found
