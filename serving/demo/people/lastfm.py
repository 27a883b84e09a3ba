"""Last.fm's artists as entities, and its query log as requests, from a folder that the user brings.

The folder's format is HetRec 2011 Last.fm-2k (Cantador, Brusilovsky, Kuflik, RecSys 2011) with two files beside
it: tracks (`spotify_songs.csv`) and a query log (`queries.jsonl`). `user_artists.dat` and `user_friends.dat` are
undated and hold the answers, so they are never read. Read tolerantly: columns in any order, further columns,
empty lines, events of unknown artists and of years that cannot be; a file that cannot be used raises InvalidInput,
which names the file and the column or line.
"""

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ltrr.models.errors import InvalidInput
from ltrr.models.records.entity import Entity
from ltrr.models.text import normalise
from ltrr.serving.demo.people.request import Request

START_MONTH: Final = "2009-07"
TOP_TAGS: Final = 30
MONTHS_OF_YEAR: Final = 12
FIRST_YEAR: Final = 2001  # earlier ones are nonsense


class Tagging(NamedTuple):
    """One use of a tag, by ids of the files. month: "2009-07"; the files' days mean nothing."""

    month: str
    user: str
    artist: str
    tag: str


class _Tabs(csv.excel_tab):
    """Cells between tabs, in which quotes mean nothing."""

    quoting = csv.QUOTE_NONE


class _Logged(BaseModel):
    """One line of the query log."""

    model_config = ConfigDict(frozen=True)

    month: str = Field(pattern=r"^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$")
    user: int | str
    query: str = Field(min_length=1)
    relevant: tuple[int, ...]
    type: str
    split: str = ""
    fresh: bool = True


def read_entities(folder: Path, before: str = START_MONTH) -> tuple[Entity, ...]:
    """Return an entity for each artist: its tags, and as popularity the number of its tag events.

    before: "2009-07" counts the events of earlier months only. Tag weights are relative to the artist's most used
    tag; the 30 most used are kept. Titles of tracks are aliases. Raises InvalidInput.
    """
    tags = {row[0]: row[1] for row in _rows(folder / "tags.dat", ("tagID", "tagValue"))}
    uses: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for tagging in read_taggings(folder, before):
        if tagging.tag in tags:
            uses[tagging.artist][tags[tagging.tag]] += 1
    titles = _titles(folder / "spotify_songs.csv")
    return tuple(
        _entity(artist, name, uses[artist], tuple(titles[normalise(name)]))
        for artist, name in _rows(folder / "artists.dat", ("id", "name"))
    )


def read_taggings(folder: Path, before: str) -> Iterator[Tagging]:
    """Return the tag events of the months before one, in file order. Raises InvalidInput."""
    path = folder / "user_taggedartists.dat"
    for user, artist, tag, month, year in _rows(path, ("userID", "artistID", "tagID", "month", "year")):
        then = f"{year}-{month:0>2}"
        if f"{FIRST_YEAR}-01" <= then < before:
            yield Tagging(then, user, artist, tag)


def read_requests(folder: Path, queries: int | None = None) -> Iterator[Request]:
    """Return the query log in file order, or its first `queries`; every line is checked before the first is given.

    The queries of a month are spread evenly over it, counting those of the whole file, so that `queries` changes
    no time. Raises InvalidInput.
    """
    log = _log(folder / "queries.jsonl")
    return _requests(log[:queries], Counter(logged.month for logged in log))


def _requests(log: Sequence[_Logged], sizes: Counter[str]) -> Iterator[Request]:
    seen: Counter[str] = Counter()
    for logged in log:
        start_s, end_s = month_s(logged.month)
        part = (seen[logged.month] + 0.5) / sizes[logged.month]
        seen[logged.month] += 1
        yield Request(
            text=logged.query,
            user_id=f"user:{logged.user}",
            kind=logged.type,
            relevance={f"artist:{artist}": 1.0 for artist in logged.relevant},
            time_s=start_s + part * (end_s - start_s),
            fresh=logged.fresh,
            split=logged.split,
        )


def _entity(artist: str, name: str, uses: Counter[str], titles: tuple[str, ...]) -> Entity:
    ranked = sorted(uses.items(), key=lambda use: (-use[1], use[0]))[:TOP_TAGS]
    weights = {tag: round(count / ranked[0][1], 4) for tag, count in ranked}
    return Entity(
        f"artist:{artist}",
        "artist",
        name,
        attributes={"tag": weights} if weights else {},
        aliases=titles,
        popularity=float(uses.total()),
    )


def _titles(path: Path) -> defaultdict[str, dict[str, None]]:
    """Return normalised artist -> titles in file order, each once."""
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for title, artist in _rows(path, ("track_name", "track_artist"), csv.excel):
        if title:
            found[normalise(artist)].setdefault(title)
    return found


def _log(path: Path) -> list[_Logged]:
    log: list[_Logged] = []
    with _readable(path):
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
            if not line.strip():
                continue
            try:
                log.append(_Logged.model_validate(json.loads(line)))
            except json.JSONDecodeError as error:
                raise InvalidInput(f"{path.name}, line {number}: not JSON ({error.msg}); mend or remove it") from error
            except ValidationError as error:
                first = error.errors()[0]
                where = ".".join(str(part) for part in first["loc"])
                raise InvalidInput(f"{path.name}, line {number}: {where}: {first['msg']}; mend it") from error
    return log


def _rows(path: Path, columns: tuple[str, ...], dialect: type[csv.Dialect] = _Tabs) -> Iterator[tuple[str, ...]]:
    """Read some columns of a file with a header."""
    with _readable(path), path.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file, dialect)
        header = next(lines, [])
        absent = [column for column in columns if column not in header]
        if absent:
            raise InvalidInput(
                f"{path.name} has no column {absent[0]!r}; its first line must name {', '.join(columns)}"
            )
        places = [header.index(column) for column in columns]
        for cells in lines:
            if not cells:
                continue
            if len(cells) <= max(places):
                raise InvalidInput(f"{path.name}, line {lines.line_num}: {len(cells)} of {len(header)} cells; mend it")
            yield tuple(cells[place] for place in places)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Say of a file that cannot be read what to do."""
    try:
        yield
    except OSError as error:
        raise InvalidInput(f"cannot read {path}: {error.strerror}; --data must name a Last.fm folder") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path.name} is not UTF-8 (byte {error.start}); convert it") from error
    except csv.Error as error:
        raise InvalidInput(f"{path.name} is not a table: {error}; mend it") from error


def month_of(time_s: float) -> str:
    """Return the month of a time (UTC): "2009-07"."""
    return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m")


def month_s(month: str) -> tuple[float, float]:
    """Return when a month begins and ends (UTC)."""
    year, number = (int(part) for part in month.split("-"))
    start = datetime(year, number, 1, tzinfo=UTC)
    end = datetime(year + number // MONTHS_OF_YEAR, number % MONTHS_OF_YEAR + 1, 1, tzinfo=UTC)
    return start.timestamp(), end.timestamp()
