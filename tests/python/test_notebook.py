"""`progress=True` in the kernel of a notebook: a bar of widgets, or text if ipywidgets is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import start_new_kernel

from conftest import WriteSales

RunCell = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def run_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunCell]:
    """Start a kernel. The function runs a cell in it, and returns the messages that a notebook shows."""
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    manager, client = start_new_kernel(kernel_name="python3")

    def run(code: str) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = []
        reply = client.execute_interactive(code, output_hook=messages.append, timeout=60)
        assert reply["content"]["status"] == "ok", reply["content"]
        return messages

    try:
        yield run
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def stderr_of(messages: list[dict[str, Any]]) -> str:
    streams = [message["content"] for message in messages if message["msg_type"] == "stream"]
    return "".join(stream["text"] for stream in streams if stream["name"] == "stderr")


def test_the_bar_is_made_of_widgets(run_cell: RunCell, write_sales: WriteSales) -> None:
    path = write_sales(rows=3000, block_rows=100)
    messages = run_cell(f"import jetliner\nheight = jetliner.read_avro({path!r}, progress=True).height")
    shown = [message["content"]["data"] for message in messages if message["msg_type"] == "display_data"]
    assert len(shown) == 1
    assert "application/vnd.jupyter.widget-view+json" in shown[0]
    changes = [message["content"]["data"] for message in messages if message["msg_type"].startswith("comm_")]
    # tqdm puts spaces of the width of a digit.
    texts = {str(change["state"].get("value")).replace("\u2007", " ") for change in changes}
    assert "sales.avro: 100%" in texts
    assert any("3,000 rows" in text for text in texts)
    assert stderr_of(messages) == ""


def test_without_ipywidgets_the_bar_is_text(run_cell: RunCell, write_sales: WriteSales) -> None:
    path = write_sales(rows=3000, block_rows=100)
    run_cell("import sys\nsys.modules['ipywidgets'] = None")
    messages = run_cell(f"import jetliner\nheight = jetliner.read_avro({path!r}, progress=True).height")
    shown = stderr_of(messages)
    assert "sales.avro: 100%" in shown
    assert "3,000 rows" in shown
    assert "Warning" not in shown
    assert "display_data" not in {message["msg_type"] for message in messages}
