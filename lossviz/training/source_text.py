"""The source text of lossviz's own functions, for a script that is taken home: read, not imported. Knows no torch."""

from __future__ import annotations

import ast
import functools
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path


def source_text(module: str, name: str) -> str:
    """The text of a function or a class, and before or after it what it uses of its own module.

    Args:
        module: The module that defines it, such as "lossviz.training.measure". Only the packages around it are
            imported.
        name: Its name, at the top of the module.

    Returns:
        The definitions in the order of the file, decorators and docstrings included, two empty lines between them.
        What the module imports is not among them.

    Raises:
        LookupError: There is no such module, or nothing of that name in it.
    """
    known = _definitions(module)
    if name not in known:
        raise LookupError(f"{module} does not define {name}")
    wanted, found = [name], set[str]()
    while wanted:
        each = wanted.pop()
        if each not in found:
            found.add(each)
            wanted += known[each].uses & known.keys()
    return "\n\n\n".join(definition.text for each, definition in known.items() if each in found)


@dataclass(frozen=True, slots=True)
class _Definition:
    text: str
    uses: frozenset[str]


@functools.cache
def _definitions(module: str) -> dict[str, _Definition]:
    """What a module defines at its top, in the order of the file."""
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise LookupError(f"there is no module {module}")
    text = Path(spec.origin).read_text(encoding="utf-8")
    lines, found = text.splitlines(), {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names = [node.name]
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [target.id for target in targets if isinstance(target, ast.Name)]
            first = node.lineno
        else:
            continue
        uses = frozenset(each.id for each in ast.walk(node) if isinstance(each, ast.Name))
        for name in names:
            found[name] = _Definition("\n".join(lines[first - 1 : node.end_lineno]), uses - {name})
    return found
