"""The code blocks of a page of documentation, and running them."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PAGES = Path(__file__).parents[2] / "docs"

_BLOCK = re.compile(
    r"(?P<mark><!-- not run: (?P<reason>[^\n]+) -->\n)?"
    r"^```python\n(?P<code>.*?)^```\n"
    r"(?:\n```text\n(?P<output>.*?)^```\n)?",
    re.DOTALL | re.MULTILINE,
)


@dataclass
class Block:
    """A block of Python, and the output that the page shows below it."""

    code: str
    output: str | None
    not_run: str | None
    line: int


def blocks(page: str) -> Iterator[Block]:
    """Find the blocks of Python of a page, in their order."""
    text = (PAGES / page).read_text()
    for found in _BLOCK.finditer(text):
        line = text.count("\n", 0, found.start("code")) + 1
        yield Block(found["code"], found["output"], found["reason"], line)


def run(page: str, blocks: Iterator[Block] | list[Block], names: dict[str, Any]) -> int:
    """Run blocks in one namespace, compare what they print with what the page shows, and count them."""
    ran = 0
    for block in blocks:
        # Lines of errors are those of the page.
        code = compile("\n" * (block.line - 1) + block.code, str(PAGES / page), "exec")
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(code, names)
        if block.output is not None:
            assert printed.getvalue().rstrip() == block.output.rstrip(), f"{page}:{block.line}"
        ran += 1
    return ran
