"""Write the pages of the site to build/pages, from docs/ and CHANGELOG.md.

- Comments are left out: they are for the tests, and mark what scripts write.
- Links to files that are not pages lead to the repository.
- Sessions of Python, with prompts, are marked as such, for their colours.
- A page that the navigation lacks is an error.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = ROOT / "build" / "pages"
REPOSITORY = "https://github.com/nat-n/jetliner/blob/main/"

_CODE = re.compile(r"^( *)```.*?^\1```$", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"^ *<!--.*?-->\n", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\((\.\./[^)\s]*)\)")


def page_of(text: str, folder: Path) -> str:
    """Return a page as the site has it; links in it start from a folder."""

    def outward(link: re.Match[str]) -> str:
        target = (folder / link[1].partition("#")[0]).resolve()
        if target.is_relative_to(DOCS):
            return link[0]
        if not target.exists():
            sys.exit(f"{folder}: a link leads nowhere: {link[1]}")
        if target == ROOT / "CHANGELOG.md":
            return "](changelog.md)"
        return f"]({REPOSITORY}{target.relative_to(ROOT)})"

    parts: list[str] = []
    end = 0
    for code in _CODE.finditer(text):
        session = code[0].replace("```python\n>>>", "```pycon\n>>>")
        parts += [_LINK.sub(outward, _COMMENT.sub("", text[end : code.start()])), session]
        end = code.end()
    return "".join([*parts, _LINK.sub(outward, _COMMENT.sub("", text[end:]))])


def write_pages() -> list[str]:
    """Write all pages and other files; return the names of the pages."""
    shutil.rmtree(PAGES, ignore_errors=True)
    names: list[str] = []
    for path in sorted(DOCS.rglob("*")):
        target = PAGES / path.relative_to(DOCS)
        if path.is_dir():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".md":
            names.append(str(path.relative_to(DOCS)))
            target.write_text(page_of(path.read_text(), path.parent))
        elif path.suffix in (".svg", ".png", ".css"):
            shutil.copy(path, target)
    changes = (ROOT / "CHANGELOG.md").read_text()
    (PAGES / "changelog.md").write_text(page_of(changes.replace("](docs/", "]("), ROOT))
    return [*names, "changelog.md"]


def main() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text().partition("\nnav:\n")[2]
    listed = set(re.findall(r"[\w/-]+\.md$", navigation, re.MULTILINE))
    names = set(write_pages())
    if missing := sorted(names - listed):
        sys.exit(f"mkdocs.yml: the navigation lacks {', '.join(missing)}")
    if gone := sorted(listed - names):
        sys.exit(f"mkdocs.yml: the navigation has pages that are not there: {', '.join(gone)}")


if __name__ == "__main__":
    main()
