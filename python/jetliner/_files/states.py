"""The sizes and versions of files, found without opening them, as far as that is possible."""

from __future__ import annotations

import builtins
import os
import stat
from concurrent.futures import ThreadPoolExecutor

from jetliner._files.objects import Objects
from jetliner._files.part import FileState
from jetliner._files.remote import Remote
from jetliner._files.sources import Files
from jetliner.exceptions import FileNotFoundError, PermissionError, SourceError  # noqa: A004 (ours)

#: Requests to stores at the same time.
_MOST = 16


def states_of(files: Files) -> list[FileState]:
    """Return the state of each file.

    Local files are looked at. Lists of stores have told the sizes of their objects. Other objects are asked for one
    byte, which also tells their size.

    Raises
    ------
    JetlinerError
        A file cannot be looked at, or can be read only from front to back.
    """
    if (objects := files.objects) is not None:
        return [_of_object(objects, path) for path in files.paths]
    if (remote := files.remote) is not None:
        return _of_remote(remote, files.paths)
    return [_of_local(path) for path in files.paths]


def _of_local(path: str) -> FileState:
    try:
        info = os.stat(path)  # noqa: PTH116 (paths stay text, see paths.py)
    except builtins.FileNotFoundError:
        msg = f"file not found: {path}"
        raise FileNotFoundError(msg, "NotFound", path) from None
    except builtins.PermissionError:
        msg = f"permission denied: {path}"
        raise PermissionError(msg, "PermissionDenied", path) from None
    except OSError as error:
        msg = f"the file cannot be looked at: {error.strerror or error}"
        raise SourceError(msg, "Io", path) from error
    if not stat.S_ISREG(info.st_mode):
        raise _no_parts("it is a pipe or a device", path)
    return FileState(info.st_size, info.st_mtime_ns)


def _of_object(objects: Objects, path: str) -> FileState:
    size_bytes = objects.size_bytes(path)
    if size_bytes is None:
        raise _no_parts("it is an open file that cannot seek", path)
    return FileState(size_bytes)


def _of_remote(remote: Remote, paths: list[str]) -> list[FileState]:
    unknown = [path for path in paths if path not in remote.listed]
    asked: dict[str, FileState] = {}
    if unknown:
        with ThreadPoolExecutor(min(_MOST, len(unknown))) as pool:
            try:
                asked = dict(zip(unknown, pool.map(remote.ask, unknown), strict=True))
            except SourceError as error:
                if error.variant != "NoRanges":
                    raise
                raise _no_parts("its server sends whole objects only", error.path or "") from None
    return [asked[path] if path in asked else remote.listed[path] for path in paths]


def _no_parts(why: str, path: str) -> SourceError:
    msg = f"{why}, so it can be read only as a whole, from front to back: use read_avro or AvroReader"
    return SourceError(msg, "Io", path)
