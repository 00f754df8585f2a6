"""Runs of the command line: in this process, or in one of their own."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import termios
import threading
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest

from jetliner._cli import program


@dataclass
class Result:
    """What a run left."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


class CommandLine:
    """Runs commands in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self._capsys = capsys
        self._monkeypatch = monkeypatch
        self._stdin = folder / "stdin"

    def __call__(self, *arguments: str | Path, file: bytes | None = None, pipe: bytes | None = None) -> Result:
        """Run a command; standard input is a file or a pipe with some bytes."""
        self._capsys.readouterr()
        with self._monkeypatch.context() as patch, ExitStack() as stack:
            if file is not None:
                self._stdin.write_bytes(file)
                patch.setattr(sys, "stdin", stack.enter_context(self._stdin.open()))
            elif pipe is not None:
                patch.setattr(sys, "stdin", stack.enter_context(os.fdopen(_fed(pipe))))
            code = program.run([str(argument) for argument in arguments])
        captured = self._capsys.readouterr()
        return Result(code, captured.out, captured.err)

    def ok(self, *arguments: str | Path, file: bytes | None = None, pipe: bytes | None = None) -> list[str]:
        """Run a command that succeeds; return the lines of its output."""
        result = self(*arguments, file=file, pipe=pipe)
        assert result.err == ""
        assert result.code == 0
        return result.lines


def _fed(content: bytes) -> int:
    """Return the reading end of a pipe into which a thread writes."""
    reading, writing = os.pipe()

    def write() -> None:
        with suppress(BrokenPipeError), os.fdopen(writing, "wb") as pipe:
            pipe.write(content)

    threading.Thread(target=write, daemon=True).start()
    return reading


def start(*arguments: str | Path, **options: Any) -> subprocess.Popen[bytes]:
    """Start a command in a process of its own."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen([sys.executable, "-m", "jetliner", *map(str, arguments)], **pipes)


def on_terminal(arguments: list[str], columns: int, *, stdout: IO[bytes] | None = None, code: int = 0) -> str:
    """Run a command on a terminal of so many columns; return what it shows there."""
    terminal, end = pty.openpty()
    termios.tcsetwinsize(end, (40, columns))
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    command = [sys.executable, "-m", "jetliner", *arguments]
    output = end if stdout is None else stdout
    process = subprocess.Popen(command, stdin=end, stdout=output, stderr=end, env={**environment, "TERM": "xterm"})
    os.close(end)
    shown = b""
    with suppress(OSError):  # the other end is closed
        while piece := os.read(terminal, 65536):
            shown += piece
    os.close(terminal)
    assert process.wait() == code
    return shown.decode().replace("\r\n", "\n")
