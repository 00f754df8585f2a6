"""Processes of servers: started on a free port, waited for, and ended for sure, also if pytest is killed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

START_SECONDS = 60.0
PORTS_TRIED = 5
SERVERS = Path(__file__).parents[3] / "build" / "servers"


class ServerError(Exception):
    """A server is not installed, or does not start."""


def home(name: str) -> Path:
    """Directory where ``scripts/setup_servers`` linked a server or tool."""
    path = SERVERS / name
    if not path.is_dir():
        raise ServerError(f"{path} is not there: run scripts/setup_servers")
    return path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Process:
    """A server process with a temporary directory, which is its working directory.

    Parameters
    ----------
    name
        For messages and the name of the directory.
    command
        Gets the port and the directory, and gives the command line.
    environment
        Added to a minimal environment. Nothing else of the caller's environment is passed on.
    """

    def __init__(
        self, name: str, command: Callable[[int, Path], Sequence[str]], environment: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.directory = Path(tempfile.mkdtemp(prefix=f"jetliner-{name}-"))
        self.port = 0
        try:
            self._process = self._start(command, {"PATH": os.environ["PATH"], **(environment or {})})
        except BaseException:
            shutil.rmtree(self.directory, ignore_errors=True)
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    def log(self) -> str:
        """Output of the server so far."""
        return (self.directory / "server.log").read_text(errors="replace")

    def stop(self) -> None:
        """Kill the server, and remove its directory."""
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _start(
        self, command: Callable[[int, Path], Sequence[str]], environment: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        for _ in range(PORTS_TRIED):
            self.port = free_port()
            with (self.directory / "server.log").open("wb") as log:
                process = subprocess.Popen(
                    # The kernel kills the server when the thread that started it ends, for whatever reason. So start
                    # servers from the main thread.
                    ["setpriv", "--pdeathsig", "KILL", "--", *command(self.port, self.directory)],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    cwd=self.directory,
                    env=dict(environment),
                    start_new_session=True,  # Ctrl-C in the terminal is for pytest
                )
            try:
                if self._answers(process):
                    return process
            except BaseException:
                process.kill()
                process.wait()
                raise
            # It has ended. Another process may have taken the port in between: try another one.
        raise ServerError(f"{self.name} ended with code {process.returncode}:\n{self.log()[-2000:]}")

    def _answers(self, process: subprocess.Popen[bytes]) -> bool:
        """Wait until the server accepts a connection. False if it ended instead."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    # Who accepts may be another server, if this one is about to find the port taken.
                    time.sleep(0.05)
                    return process.poll() is None
            except OSError:
                if process.poll() is not None:
                    return False
                time.sleep(0.05)
        raise ServerError(f"{self.name} does not answer after {START_SECONDS} s:\n{self.log()[-2000:]}")
