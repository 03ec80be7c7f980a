"""A long line of code over several: broken inside its brackets, as Python's formatters break it."""

from __future__ import annotations

import io
import tokenize
from itertools import pairwise

WIDTH = 88
"""Letters of a line: what fits a page, and the usual width of a formatter."""

_INDENT = "    "


def folded(line: str, width: int = WIDTH) -> str:
    """A line of code as one line, or as several if it is too long.

    A list of rows, as in ``torch.tensor([[1, 2], [3, 4]])``, gets a line for each. What has no bracket to be broken
    at, such as a comment, stays as it is.

    Args:
        line: One line, whose brackets are all closed; it may be indented.
        width: The most letters that a line may have.

    >>> print(folded("loss_function = HuberLoss(delta=0.25, reduction='sum')", 40))
    loss_function = HuberLoss(
        delta=0.25, reduction='sum'
    )
    >>> print(folded("prediction = tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)", 40))
    prediction = tensor([
        [1.0, 2.0],
        [3.0, 4.0],
    ], requires_grad=True)
    """
    text = line.lstrip()
    indent = line[: len(line) - len(text)]
    brackets = _last_brackets(text) if len(line) > width else None
    if brackets is None:
        return line
    before, parts, after = brackets
    rows = _last_brackets(parts[0])
    is_list = rows is not None and rows[0] == "["
    if rows is not None and is_list:
        before, parts, after = before + rows[0], rows[1], ", ".join([rows[2], *parts[1:]]) + after
    together = indent + _INDENT + ", ".join(parts)
    if len(together) <= width and not is_list:
        inner = [together]
    else:
        # A comma behind what stands alone in brackets would make a tuple of it, unless they are a list's.
        comma = "," if is_list or len(parts) > 1 else ""
        inner = [folded(indent + _INDENT + part, width - len(comma)) + comma for part in parts]
    return "\n".join([indent + before, *inner, indent + after])


def _last_brackets(text: str) -> tuple[str, list[str], str] | None:
    """The last outer brackets that hold something: what is before and after them, and their parts between commas."""
    cuts = _cuts(text)
    if not cuts:
        return None
    parts = [text[start + 1 : end].strip() for start, end in pairwise(cuts)]
    return text[: cuts[0] + 1], [part for part in parts if part], text[cuts[-1] :]


def _cuts(text: str) -> list[int]:
    """Where those brackets open, where their own commas are, and where they close."""
    found: list[int] = []
    cuts: list[int] = []
    depth, in_lambda = 0, False
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in (tokenize.OP, tokenize.NAME):
            continue
        if token.string in "([{":
            depth += 1
            cuts = [token.start[1]] if depth == 1 else cuts
        elif token.string in ")]}":
            depth -= 1
            if depth == 0 and text[cuts[0] + 1 : token.start[1]].strip():
                found = [*cuts, token.start[1]]
        elif depth == 1:
            if token.string == "," and not in_lambda:
                cuts.append(token.start[1])
            # The commas before a lambda's colon are between its own parameters.
            in_lambda = token.string == "lambda" or (in_lambda and token.string != ":")
    return found
