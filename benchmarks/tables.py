"""Tables as text for the terminal and as Markdown for the documentation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Table:
    """A title, headings and rows of cells. The first column is text, the others are numbers."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = field(default_factory=tuple)

    def text(self) -> str:
        """Format for the terminal: columns aligned with blanks."""
        widths = [max(len(line[i]) for line in (self.headings, *self.rows)) for i in range(len(self.headings))]

        def line(cells: Sequence[str]) -> str:
            first, *others = (
                cell.ljust(width) if i == 0 else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
            )
            return "  " + "  ".join([first, *others]).rstrip()

        notes = [f"  {note}" for note in self.notes]
        return "\n".join([self.title, line(self.headings), *map(line, self.rows), *notes])

    def markdown(self) -> str:
        """Format as a GitHub Markdown table under a bold title."""
        marks = ["---", *["---:"] * (len(self.headings) - 1)]
        lines = ["| " + " | ".join(cells) + " |" for cells in (self.headings, marks, *self.rows)]
        notes = [line for note in self.notes for line in ("", note)]
        return "\n".join([f"**{self.title}**", "", *lines, *notes])


def milliseconds(seconds: float) -> str:
    """Format with about three digits: 0.123, 4.56, 78.9, 1,234."""
    value = seconds * 1e3
    digits = 3 if value < 1 else 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:,.{digits}f}"


def ratio(value: float) -> str:
    """Format a ratio, such as 4.56x."""
    return f"{value:.2f}x" if value < 100 else f"{value:,.0f}x"
