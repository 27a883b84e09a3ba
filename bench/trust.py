"""`ltrr bench trust`: known items of any catalogue, beside BM25 of SQLite, whatever visitors and bots do or do not."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ltrr.bench.known_items import catalogue
from ltrr.bench.known_items.fts5 import Fts5
from ltrr.bench.known_items.installation import PAGE, Installation, Page
from ltrr.bench.known_items.items import KnownItem, hits, known_items
from ltrr.bench.known_items.kinds import Kind, compared, kinds_of
from ltrr.bench.known_items.visits import Visit, blind, bots_alone, visits
from ltrr.models.errors import InvalidInput
from ltrr.models.records.entity import Entity
from ltrr.retrievers.index.index import Index
from ltrr.serving.reading.mapping import read_mapping
from ltrr.serving.retrieval.opening import open_generator, open_index
from ltrr.serving.settings.settings import Settings, load_settings
from ltrr.serving.terminal.bench_document import BenchDocument, Figure, Target
from ltrr.serving.terminal.load_progress import bars

QUERIES: Final = 300
_SEARCHES: Final = 300
_LEARNED, _THEN_SILENT = 450, 300
_RATES: Final = (0.1, 0.3, 1.0)
_RATE_BESIDE_BOTS: Final = 0.3
_FIXED: Final = 100
_DEPTHS: Final = (1, PAGE)
_FLOOR: Final = -0.01
_MOST_CHURN: Final = 0.05
_PATIENCE_S: Final = 60.0  # a busy machine must not change what is found


@dataclass(frozen=True, slots=True)
class _Sample:
    """Items to ask for, and others to learn from."""

    asked: Sequence[KnownItem]
    learned: Sequence[KnownItem]

    @property
    def searches(self) -> Sequence[KnownItem]:
        """Return those of a condition."""
        return self.learned[:_SEARCHES]

    @property
    def parts(self) -> tuple[Sequence[KnownItem], Sequence[KnownItem]]:
        """Return those to learn from, and those after that, in the same proportion where there are fewer."""
        split = len(self.learned) * _LEARNED // (_LEARNED + _THEN_SILENT)
        return self.learned[:split], self.learned[split:]


@dataclass(frozen=True, slots=True)
class _Answers:
    """Pages by condition, and those of a second asking while all was fresh. kinds: figures and targets by kind."""

    pages: Mapping[str, Sequence[Page]]
    again: Sequence[Page]
    kinds: tuple[dict[str, Figure], list[Target]]


def run(data: Path, seed: int = 0, queries: int = QUERIES, *, map_: str | None = None) -> BenchDocument:
    """Measure how often the product finds what is looked for first, and on the page, over the engines in this process.

    data: a catalogue that `ltrr index` takes. queries: how many items are asked for. map_: what its columns become.
    Raises InvalidInput.
    """
    entities, bad = catalogue.read(data, read_mapping(map_) if map_ else None)
    items = known_items(entities)
    if not items:
        raise InvalidInput(
            f"{data}: no entity has a name, with its most telling attribute, that no other one has: nothing to look for"
        )
    sample = _sample(items, seed, queries)
    kinds = kinds_of(entities, sample.asked, sample.searches, seed)
    settings = load_settings(text_deadline_s=_PATIENCE_S, vector_deadline_s=_PATIENCE_S, vector_exact=True)
    settings = settings.model_copy(update={"elasticsearch": None, "qdrant": None})
    with closing(Fts5(entities)) as fts5:
        plain = {name: [fts5.search(item.text, PAGE) for item in kind.asked] for name, kind in kinds.items()}
    with closing(open_index(settings, None, open_generator(settings))) as index:
        answers = asyncio.run(_ask(index, settings, entities, sample, kinds, seed))
        engines = ", ".join(f"{name}: {engine.kind}" for name, engine in index.engines.items())
    figures, targets = _found(sample.asked, plain["names"], answers.pages)
    theirs = {f"FTS5, {name}: top-1": Figure.share(hits(kinds[name].asked, pages, 1)) for name, pages in plain.items()}
    churned, churn_targets = _churn(answers, len(sample.searches))
    learned, silent = sample.parts
    asked, searches = len(sample.asked), len(sample.searches)
    notes = [
        f"engines: {engines}; {len(entities)} entities, {bad} bad lines; policy {settings.policy}",
        "vectors are compared exactly: a graph is another one each time that it is built, and changes what is learned",
        f"{len(items)} entities have a query that no other has; {asked} are asked for, others are learned from",
        f"such as: {'; '.join(item.text for item in sample.asked[:3])}",
        f"FTS5: BM25 of SQLite over the same normalised texts, any of the words; the same {asked} queries",
        "top-1, top-10: found first, on the page; lead: that minus what FTS5 finds; calls: to engines for each query",
        "empty pages, and those whose first place was drawn by chance: over all conditions",
        f"{searches} searches in a condition, four by each visitor; strangers ask afterwards, and teach nothing",
        f"clicked: of the found items; learned: {len(learned)} searches, all of them clicked, then {len(silent)} more",
        f"bots: in ten searches one bot clicks nothing, one all; people click {_RATE_BESIDE_BOTS:.0%} of found items",
        "bots alone: those two in turn; blind: clicks on one item of each page, at random, by nobody else",
        f"churn: of the items on the pages of {len(answers.again)} queries, how many are others the second time",
        "kinds: names; the same mistyped; three words of descriptions, where there are any; change-1: of what is found",
        "first after one of them was clicked alone, all of it, against fresh",
        "each target is a floor or a ceiling that the value keeps, whatever its interval",
    ]
    by_kind, kind_targets = answers.kinds
    every = [*targets, *churn_targets, *kind_targets]
    return BenchDocument("trust", [seed], figures | churned | theirs | by_kind, every, notes)


def _sample(items: Sequence[KnownItem], seed: int, queries: int) -> _Sample:
    """Return at most a third of the items, or else one, to ask for, and what is learned from out of the others."""
    order = np.random.default_rng([seed, 1]).permutation(len(items)).tolist()
    asked = min(queries, max(1, len(items) // 3))
    chosen = [items[place] for place in order[: asked + _LEARNED + _THEN_SILENT]]
    return _Sample(chosen[:asked], chosen[asked:])


async def _ask(
    index: Index,
    settings: Settings,
    entities: Sequence[Entity],
    sample: _Sample,
    kinds: Mapping[str, Kind],
    seed: int,
) -> _Answers:
    """Return what an installation over a catalogue answers in each condition, and show how far that is."""
    await index.index(entities)
    application = entities[0].application
    conditions = _conditions(sample, seed)
    with bars() as bar:
        fresh_ones = 2  # here, and by kind
        task = bar.add_task("conditions", total=fresh_ones + len(conditions) + len(kinds))

        def installed() -> Installation:
            bar.update(task, advance=1)
            return Installation(index, settings, application, seed)

        fresh = installed()
        pages = {"fresh": await fresh.ask(sample.asked)}
        again = await fresh.ask(sample.asked[:_FIXED], draws=1)
        for condition, stretches in conditions.items():
            one = installed()
            for visited in stretches:
                await one.learn(visited)
            pages[condition] = await one.ask(sample.asked)
        by_kind = await compared(kinds, installed, seed)
    await index.stop()
    return _Answers(pages, again, by_kind)


def _conditions(sample: _Sample, seed: int) -> dict[str, Sequence[Sequence[Visit]]]:
    """Return what is learned before strangers ask, one stretch of visits after the other.

    The last ones are the visits of those that have nobody's wishes, beside people, after them and alone.
    """
    searches, (learned, later) = sample.searches, sample.parts
    all_clicked = visits(learned, 1.0, seed)
    return {
        f"{len(searches)} silent": [visits(searches, 0.0, seed)],
        **{_clicked(rate): [visits(searches, rate, seed)] for rate in _RATES},
        "learned, silent": [all_clicked, visits(later, 0.0, seed)],
        "bots": [visits(searches, _RATE_BESIDE_BOTS, seed, bots=True)],
        "bots alone": [bots_alone(searches)],
        "blind, many": [blind(searches, seed, senders=len(searches))],
        "blind, one": [blind(searches, seed, senders=1)],
        "learned, blind": [[*all_clicked, *blind(later, seed, senders=max(1, len(later)))]],
    }


def _clicked(rate: float) -> str:
    return f"{rate:.0%} clicked"


def _found(
    asked: Sequence[KnownItem], plain: Sequence[Sequence[str]], pages: Mapping[str, Sequence[Page]]
) -> tuple[dict[str, Figure], list[Target]]:
    """Return what is found first and on the page in each condition, beside FTS5, and what it took."""
    beside = {depth: hits(asked, plain, depth) for depth in _DEPTHS}
    figures = {f"FTS5: top-{depth}": Figure.share(found) for depth, found in beside.items()}
    targets = []
    for condition, answered in pages.items():
        for depth, theirs in beside.items():
            ours = hits(asked, [page.object_ids for page in answered], depth)
            figures[f"{condition}: top-{depth}"] = Figure.share(ours)
            name = f"{condition}: lead-{depth}"
            figures[name] = Figure.mean(ours - theirs, "share")
            ahead = figures[name].value
            if condition == _clicked(1.0) and depth == 1:
                perfect = bool(ours.all() and theirs.all())
                targets.append(Target(name, ">", 0.0, ahead > 0.0 or perfect))
            else:
                targets.append(Target(name, ">=", _FLOOR, ahead >= _FLOOR))
        calls = np.array([page.calls for page in answered], dtype=np.float64)
        figures[f"{condition}: calls"] = Figure.mean(calls, "calls")
    empty = np.array([not page.object_ids for answered in pages.values() for page in answered], dtype=np.float64)
    figures["empty pages"] = Figure.share(empty)
    targets.append(Target("empty pages", "<=", 0.0, not empty.any()))
    drawn = np.array([page.first_by_chance for answered in pages.values() for page in answered], dtype=np.float64)
    figures["first place drawn"] = Figure.share(drawn)
    return figures, targets


def _churn(answers: _Answers, searches: int) -> tuple[dict[str, Figure], list[Target]]:
    """Return how much of the pages of fixed queries changes: for who asks again, with other draws, by draws alone.

    Who asks again soon keeps the draws (see StableSeeds), so that what changes was learned.
    """
    first, later = list(answers.pages.values())[:2]
    fixed = slice(len(answers.again))
    after = f"churn, {searches} silent"
    pairs = {
        after: (first[fixed], later[fixed]),
        "churn, and draws anew": (answers.again, later[fixed]),
        "churn, draws anew alone": (first[fixed], answers.again),
    }
    figures = {
        name: Figure.mean(np.array(list(map(_changed, before, since)), dtype=np.float64), "share")
        for name, (before, since) in pairs.items()
    }
    return figures, [Target(after, "<", _MOST_CHURN, figures[after].value < _MOST_CHURN)]


def _changed(before: Page, since: Page) -> float:
    """Return the share of the longer of two pages that the other has not."""
    longer = max(len(before.object_ids), len(since.object_ids))
    return 1.0 - len({*before.object_ids} & {*since.object_ids}) / longer if longer else 0.0
