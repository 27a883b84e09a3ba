"""What the demo shows on the terminal: a live line, and a table at the end."""

import contextlib
import sys
from collections.abc import Iterator, Mapping

from rich.table import Table

from ltrr.serving.demo.simulation import EVERYTHING, LEARNED, UNIFORM, Tally
from ltrr.serving.terminal.bench_document import BenchDocument
from ltrr.serving.terminal.consoles import console

_EVERY_TERMINAL = 100
_EVERY_PLAIN = 500
_FOLLOWED = (LEARNED, UNIFORM, EVERYTHING)


class Screen:
    """Progress for people; nothing at all when quiet but plain progress lines on standard error."""

    def __init__(self, *, quiet: bool) -> None:
        self._console = console(stderr=quiet)
        self._every = _EVERY_TERMINAL if sys.stdout.isatty() and not quiet else _EVERY_PLAIN

    def say(self, text: str) -> None:
        """Print a line."""
        self._console.print(text, highlight=False, soft_wrap=True)

    @contextlib.contextmanager
    def loading(self, entities: int) -> Iterator[None]:
        """Say what is being loaded."""
        self.say(f"indexing {entities:,} entities ...")
        yield
        self.say("listeners start to search")

    def progress(self, number: int, of: int, tallies: Mapping[str, Tally]) -> None:
        """Print how the systems did over the last stretch, now and then."""
        if number % self._every:
            return
        parts = [
            f"{name}: {sum(t.reward[-self._every :]) / self._every:+.3f} reward, "
            f"{sum(t.calls[-self._every :]) / self._every:.1f} calls"
            for name, t in tallies.items()
            if name in _FOLLOWED
        ]
        self.say(f"{number:>6,} of {of:,} queries | " + " | ".join(parts))

    def table(self, tallies: Mapping[str, Tally], document: BenchDocument) -> None:
        """Print what every system earned, best first."""
        table = Table(title=f"per query, over the last {len(next(iter(tallies.values())).last('reward')):,} queries")
        table.add_column("system")
        for name in ("net reward", "net clicks", "calls", "reward against learned"):
            table.add_column(name, justify="right")
        figures = document.figures
        for name in sorted(tallies, key=lambda name: -figures[f"net reward, {name}"].value):
            against = figures.get(f"net reward, {LEARNED} minus {name}")
            table.add_row(
                name,
                f"{figures[f'net reward, {name}'].value:.3f}",
                f"{figures[f'net clicks, {name}'].value:.3f}",
                f"{figures[f'calls, {name}'].value:.2f}",
                f"{-against.value:+.3f} [{-against.high:+.3f}, {-against.low:+.3f}]" if against else "",
                style="bold" if name == LEARNED else None,
            )
        self._console.print(table)
        for note in document.notes:
            self.say(note)
