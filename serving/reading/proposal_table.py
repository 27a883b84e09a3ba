"""A proposed mapping as a table, for people."""

from rich.table import Table

from ltrr.serving.reading import cells
from ltrr.serving.reading.changes import NeedsMapping
from ltrr.serving.reading.columns import flat
from ltrr.serving.reading.mapping import ATTRIBUTE, FIELDS

_LONGEST = 40


def proposal_table(proposed: NeedsMapping) -> Table:
    """Return which columns would become what, with an example of each."""
    table = Table(title=f"{proposed.form}: proposed", title_justify="left")
    for heading in ("column", "for example", "becomes", "as"):
        table.add_column(heading, overflow="fold")
    rows = [flat(one) for one in proposed.sample]
    for target, column in proposed.proposal.columns.items():
        example = next((str(cells.text(one[name])) for one in rows for name in column.column if name in one), "")
        becomes = target if target in FIELDS else f"attribute {target.removeprefix(ATTRIBUTE)}"
        table.add_row(" + ".join(column.column), example[:_LONGEST], becomes, column.kind or "")
    return table
