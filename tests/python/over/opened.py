"""Open files as a place of files: objects with `read` and `seek`, in memory."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path
from typing import Any

from jetliner._files.objects import Objects
from jetliner._files.sources import Files
from over.place import Place


class OpenFile(io.BytesIO):
    """A file in memory with the name of one on the disk. Reads are short, as they may be."""

    def __init__(self, path: str) -> None:
        super().__init__(Path(path).read_bytes())
        self.name = path

    def read(self, size: int | None = -1) -> bytes:
        return super().read(size if size is None or size < 0 else max(1, size * 3 // 4))


class OpenedPlace(Place):
    """Passes open files where a test passes paths. Patterns and directories are looked up on the disk before that."""

    def files(self, name: str, function: Any, source: Any, options: Any, **keywords: Any) -> Files:
        files: Files = function(source, options, **keywords)
        self.is_missing = not all(Path(path).is_file() for path in files.paths)
        if self.is_missing:
            return files
        objects = Objects()
        for path in files.paths:
            assert objects.add(OpenFile(path)) == path
        return dataclasses.replace(files, objects=objects)
