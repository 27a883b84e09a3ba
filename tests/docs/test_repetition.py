"""Nothing is said twice in README.md, CONTRIBUTING.md and docs/."""

import re
from collections import Counter
from collections.abc import Iterator

from tests.docs.pages import PAGES, every_page, plain, tables

RUN = 10  # words in a row that stand twice only where a text was copied
SENTENCE = 7  # shorter ones may be said in passing, as "Stop `ltrr serve` first."
CELL = 40  # characters; shorter ones may be the same in two rows, as "the same"
GENERATED = "docs/settings.md"  # settings of two engines are described alike
GROWS = "CHANGELOG.md"  # tells of the same things again as they change


def paragraphs() -> Iterator[list[str]]:
    """Yield the words of each paragraph and list item of all pages, without code blocks, tables and headings."""
    for page in PAGES.keys() - {GENERATED, GROWS}:
        text = re.sub(r"^(\||#|<!--).*", "", plain(PAGES[page]), flags=re.MULTILINE)
        text = re.sub(r"\]\([^)]*\)", "]", text)  # a link's text counts, not where it leads
        for part in re.split(r"\n\s*\n|^\s*(?:[-*]|\d+\.) ", text, flags=re.MULTILINE):
            yield part.lower().split()


def runs(words: list[str]) -> list[tuple[str, ...]]:
    """Return what stands in a row."""
    return [tuple(words[start : start + RUN]) for start in range(len(words) - RUN + 1)]


def sentences(words: list[str]) -> list[tuple[str, ...]]:
    """Return the sentences that are long enough to be told again."""
    parts = [tuple(part.split()) for part in re.split(r"(?<=[.!?])\s", " ".join(words))]
    return [part for part in parts if len(part) >= SENTENCE]


def test_no_text_is_repeated():
    """No sentence stands twice, and no ten words in a row."""
    said = Counter(piece for words in paragraphs() for piece in {*runs(words), *sentences(words)})
    assert sorted(" ".join(piece) for piece, times in said.items() if times > 1) == []


@every_page
def test_no_row_is_repeated(page: str):
    """A table has one row for each thing, and says something else of each."""
    for table in tables(PAGES[page]):
        firsts, lasts = [row[0] for row in table if row[0]], [row[-1] for row in table if len(row[-1]) >= CELL]
        assert len(firsts) == len(set(firsts)), sorted(firsts)
        assert page == GENERATED or len(lasts) == len(set(lasts)), sorted(lasts)


def test_no_row_stands_in_two_tables():
    """What a row says of a thing is said in one table."""
    rows = Counter(tuple(row) for page in PAGES for table in tables(PAGES[page]) for row in table)
    assert [row for row, times in rows.items() if times > 1 and len(row[-1]) >= CELL] == []
