#!/usr/bin/env python3
"""Checks the direction of imports in the Python package: a module imports only from its own group and those before it.

    check_python_layers.py [ROOT]

Modules of one group must not import each other in a circle. Imports inside functions and under TYPE_CHECKING count.
Prints one line per offence, `file:line: what`, and exits with 1 where there is any.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE = "jetliner"
# The groups in their order. Each name is a module or a subpackage of the package.
ORDER = ["exceptions", "_options", "_core", "_progress", "_stores", "_files", "_columns", "_query", "_write"]
# The modules of the API come last. They do not import each other.
API = {"count", "metadata", "read", "reader", "scan", "write", "writer"}
# Modules that are made of the API. Each imports from the API and from the modules before it.
ON_TOP = ["splits", "_engines", "dask", "ray", "spark"]
# The command line uses all of them, and the names of the package. None of them uses it.
COMMAND_LINE = {"_cli", "__main__"}
GROUPS = [*ORDER, *sorted(API), *ON_TOP, *sorted(COMMAND_LINE)]

Import = tuple[int, str]  # line, module without the name of the package


def group_of(module: str) -> str:
    """The group of a module: the first part of its name."""
    return module.partition(".")[0]


def offence(module: str, imported: str) -> str | None:
    """What is wrong with an import, or None."""
    user, used = group_of(module), group_of(imported)
    if user in COMMAND_LINE and (not imported or used in GROUPS):
        return None
    if not imported:
        return "imports the package itself: import the module that has the name"
    if used in COMMAND_LINE:
        return f"{user} may not import {used}"
    if used in ON_TOP and (user not in ON_TOP or ON_TOP.index(used) > ON_TOP.index(user)):
        return f"{user} may not import {used}"
    if used in API and user not in ON_TOP:
        return f"{user} may not import {used}"
    if used not in GROUPS:
        return f"imports {used}, which is in no group"
    if user in ORDER and ORDER.index(used) > ORDER.index(user):
        return f"{user} may not import {used}"
    return None


def imports_of(tree: ast.Module, modules: set[str]) -> Iterator[Import]:
    """All imports of modules of the package in a file. The package itself is ""."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                if name.name.partition(".")[0] == PACKAGE:
                    yield node.lineno, name.name[len(PACKAGE) + 1 :]
        elif isinstance(node, ast.ImportFrom) and node.level > 0:
            yield node.lineno, "." * node.level + (node.module or "")  # in no group
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == PACKAGE:
            base = (node.module or "")[len(PACKAGE) + 1 :]
            for name in node.names:
                # `from a import b` imports the module a.b if there is one, else a name of the module a.
                whole = f"{base}.{name.name}" if base else name.name
                yield node.lineno, whole if whole in modules else base


def circles(graph: dict[str, dict[str, int]]) -> Iterator[list[str]]:
    """Import circles, each once: the modules on the way, with the first one at the end again."""
    done: set[str] = set()

    def visit(module: str, way: list[str]) -> Iterator[list[str]]:
        if module in way:
            yield [*way[way.index(module) :], module]
        elif module not in done:
            for imported in sorted(graph.get(module, {})):
                yield from visit(imported, [*way, module])
            done.add(module)

    for module in sorted(graph):
        yield from visit(module, [])


def check(root: Path) -> tuple[int, list[str]]:
    """The number of files, and the offences of the package."""
    folder = root / "python" / PACKAGE
    files: dict[str, Path] = {}
    for path in sorted([*folder.rglob("*.py"), *folder.rglob("*.pyi")]):
        parts = path.relative_to(folder).with_suffix("").parts
        files[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    found = []
    graph: dict[str, dict[str, int]] = {}
    for module, path in files.items():
        shown = path.relative_to(root)
        if not module:
            continue  # __init__.py of the package imports the API
        if group_of(module) not in GROUPS:
            found.append(f"{shown}:1: not in a group; they are {', '.join(GROUPS)}")
            continue
        graph[module] = {}
        for line, imported in imports_of(ast.parse(path.read_text(encoding="utf-8")), set(files)):
            if (what := offence(module, imported)) is not None:
                found.append(f"{shown}:{line}: {what}")
            else:
                graph[module].setdefault(imported, line)
    for way in circles(graph):
        found.append(
            f"{files[way[0]].relative_to(root)}:{graph[way[0]][way[1]]}: imports in a circle: {' -> '.join(way)}"
        )
    return len(files), found


def main() -> int:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()
    count, found = check(root)
    if count == 0:
        print(f"{root}: no Python files under python/{PACKAGE}/", file=sys.stderr)
        return 1
    for line in found:
        print(line)
    if not found:
        print(f"layers: {count} Python files in order")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
