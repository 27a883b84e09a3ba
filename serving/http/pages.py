"""The web pages."""

from pathlib import Path
from typing import Final

SEARCH_PAGE: Final = (Path(__file__).parent / "search.html").read_text(encoding="utf-8")
