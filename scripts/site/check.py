"""Check that the pages of build/site load nothing from other hosts: no fonts, scripts, styles or pictures."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

SITE = Path(__file__).resolve().parents[2] / "build" / "site"


class _Loads(HTMLParser):
    """Collects the addresses on other hosts that a browser would load."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        loaded = values.get("src") or (
            values.get("href") if tag == "link" and values.get("rel") != "canonical" else None
        )
        if loaded and loaded.startswith(("http:", "https:", "//")):
            self.found.append(loaded)


def loads() -> Iterator[tuple[Path, str]]:
    """Yield the pages, and what they load from elsewhere."""
    for page in sorted(SITE.rglob("*.html")):
        parser = _Loads()
        parser.feed(page.read_text())
        yield from ((page, address) for address in parser.found)


def main() -> None:
    found = [f"{page.relative_to(SITE)} loads {address}" for page, address in loads()]
    if found:
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
