"""The blocks of code in the pages of documentation, and what runs them.

Every block in one of the languages below runs, page by page, in the order of the page and with its variables. Comments
in a page say more:

    <!-- setup              code that runs at this place and that readers do not see; it has the helpers of the tests
    ... -->
    <!-- script -->         the next block is a program: it runs in a process of its own
    <!-- needs NAME -->     the next block runs where NAME is there: an engine, or a server. "setup NAME" is for these
    <!-- not run: REASON -->

A block ``output`` after a block of Python has what that prints. Blocks ``console`` have commands and their output.
``/data/`` in code is the directory in which the test runs.
"""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
PAGES = sorted(str(path.relative_to(ROOT)) for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
#: Languages that run.
LANGUAGES = ("bash", "console", "python", "sh")

_PART = re.compile(
    r"^<!-- setup ?(?P<group>\w*)\n(?P<setup>.*?)^-->$"
    r"|^<!-- (?P<mark>script|needs \w+|not run: .*?) -->$"
    r"|^(?P<indent> *)```(?P<language>[\w-]*)[^\n]*\n(?P<code>.*?)^(?P=indent)```$",
    re.DOTALL | re.MULTILINE,
)


class Block(NamedTuple):
    """Code of a page."""

    page: str
    line: int
    language: str  # "setup" for what readers do not see
    code: str
    mark: str = ""
    output: str | None = None

    @property
    def group(self) -> str:
        """What the block needs besides the package, or "none" if it is not run."""
        kind, _, name = self.mark.partition(" ")
        return {"needs": name, "not": "none"}.get(kind, "")

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(page: str) -> list[Block]:
    """Return the blocks of a page that run or could run, and its setup."""
    text = (ROOT / page).read_text()
    found: list[Block] = []
    mark, after_python = "", False
    for part in _PART.finditer(text):
        line = text.count("\n", 0, part.start()) + 1
        if part["mark"]:
            assert not mark, f"{page}:{line}: the mark before this one has no block"
            mark = part["mark"]
        elif part["setup"] is not None:
            found.append(Block(page, line, "setup", part["setup"], part["group"] and f"needs {part['group']}"))
        else:
            language, code = part["language"], textwrap.dedent(part["code"])
            if language == "output":
                assert after_python, f"{page}:{line}: output of no block"
                found[-1] = found[-1]._replace(output=code)
            elif language in LANGUAGES:
                found.append(Block(page, line, language, code, mark))
                mark = ""
            after_python = language == "python"
    assert not mark, f"{page}: the last mark has no block"
    return found


def groups() -> Iterator[tuple[str, str]]:
    """Yield pages, with each group of their blocks."""
    for page in PAGES:
        for group in dict.fromkeys(block.group for block in blocks(page) if block.language != "setup"):
            yield page, group


def run_page(page: str, group: str, names: dict[str, Any], printed: Callable[[], str], shell: Any = None) -> None:
    """Run the blocks of a group of a page.

    `names` are for setup. `printed` returns what was printed since its last call. `shell` runs commands.
    """
    variables: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks(page):
        if block.group != group:
            continue
        printed()
        block = block._replace(code=block.code.replace("/data/", f"{Path.cwd()}/"))
        if block.language == "setup":
            exec(_compiled(block), names, variables)
        elif block.language != "python":
            shell(block)
        elif block.mark == "script":
            _compare(block, _script(block))
        elif block.code.startswith(">>>"):
            _doctest(block, variables)
        else:
            exec(_compiled(block), variables)
            _compare(block, printed())


def _compiled(block: Block) -> CodeType:
    return compile("\n" * block.line + block.code, str(ROOT / block.page), "exec")


def _compare(block: Block, printed: str) -> None:
    if block.output is not None:
        assert printed.strip() == block.output.strip(), block


def _script(block: Block) -> str:
    Path("script.py").write_text(block.code)
    done = subprocess.run([sys.executable, "script.py"], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"{block}: {done.stderr}"
    return done.stdout


def _doctest(block: Block, variables: dict[str, Any]) -> None:
    test = doctest.DocTestParser().get_doctest(block.code, variables, str(block), block.page, block.line)
    test.globs = variables  # the parser makes a copy
    failures: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=failures.append, clear_globs=False)
    assert not failures, "".join(failures)
