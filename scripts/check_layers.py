#!/usr/bin/env python3
"""Checks the layers: a folder under src/ includes only folders before it.

    check_layers.py [ROOT]

Prints a line for each violation, `file:line: what`. Exits with 1 if there is any.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

# The folders in the order of the data flow. A folder may include itself and the folders before it.
LAYERS = [
    "base",
    "source",
    "sink",
    "container",
    "codec",
    "schema",
    "types",
    "resolution",
    "input",
    "encode",
    "column",
    "plan",
    "decode",
    "arrow",
    "pipeline",
    "files",
    "task",
    "filter",
    "count",
    "read",
    "write",
]
# Folders of one set may not include each other, whatever their order.
INDEPENDENT = [
    {"source", "sink", "container", "codec", "schema"},
    {"filter", "count"},
]
# Folders that may include only these. The pipeline moves opaque work: it knows nothing of Avro.
ONLY = {"pipeline": {"base"}}
# Public headers that only some layers may use. All layers may use the others. `container` reads bytes through the
# public interface of sources. Layers that work on decompressed blocks do not know sources.
PUBLIC_ONLY_FOR = {
    "jetliner/source.h": {"source", "container", "files", "count", "read"},
    "jetliner/reader.h": {"arrow", "task", "filter", "read"},
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SUFFIXES = {".h", ".cc", ".inc"}


def allowed(layer: str, included: str) -> bool:
    """Return True if a file in src/`layer` may include a file in src/`included`."""
    if layer == included:
        return True
    if layer in ONLY and included not in ONLY[layer]:
        return False
    if any(layer in folders and included in folders for folders in INDEPENDENT):
        return False
    return LAYERS.index(included) < LAYERS.index(layer)


def offence(root: Path, layer: str, kind: str, name: str) -> str | None:
    """Return the violation by an `#include` of `name` in a file of `layer` ("" for public headers), or None."""
    folder = name.split("/", maxsplit=1)[0]
    if kind == "<":
        if folder == "jetliner" or folder in LAYERS:
            return f"our own header <{name}> is included in quotes"
        return None
    if folder == "jetliner":
        if not (root / "include" / name).is_file():
            return f'no such header: "{name}"'
        users = PUBLIC_ONLY_FOR.get(name)
        if layer and users is not None and layer not in users:
            return f'{layer} may not include "{name}"'
        return None
    if not layer:
        return f'a public header includes "{name}": only jetliner/ may appear there'
    if folder not in LAYERS or not (root / "src" / name).is_file():
        return f'"{name}" is not a path from src/'
    if not allowed(layer, folder):
        return f'{layer} may not include {folder} ("{name}")'
    return None


def check_file(root: Path, path: Path, layer: str) -> list[str]:
    """Return the violations of one file."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        match = INCLUDE.match(line)
        if match:
            what = offence(root, layer, match[1], match[2])
            if what:
                found.append(f"{path.relative_to(root)}:{number}: {what}")
    return found


def sources(folder: Path) -> list[Path]:
    """Return the C++ files below a folder, sorted."""
    return sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES)


def check(root: Path) -> list[str]:
    """Return the violations of the whole tree."""
    found = []
    for path in sources(root / "include"):
        found += check_file(root, path, "")
    for path in sources(root / "src"):
        layer = path.relative_to(root / "src").parts[0]
        if layer in LAYERS:
            found += check_file(root, path, layer)
        else:
            found.append(f"{path.relative_to(root)}:1: not in a layer; they are {', '.join(LAYERS)}")
    return found


def main() -> int:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()
    count = len(sources(root / "include")) + len(sources(root / "src"))
    if count == 0:
        print(f"{root}: no C++ files under include/ and src/", file=sys.stderr)
        return 1
    found = check(root)
    for line in found:
        print(line)
    if not found:
        print(f"layers: {count} files in order")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
