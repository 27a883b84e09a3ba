"""What columns become, for people: a proposed mapping as a table, and what was taken as a line."""

from collections.abc import Sequence

from rich.table import Table

from ltrr.serving.reading import cells
from ltrr.serving.reading.changes import NeedsMapping
from ltrr.serving.reading.columns import Columns
from ltrr.serving.reading.mapping import ATTRIBUTE, FIELDS, SHORT, is_within
from ltrr.serving.reading.objects import flat
from ltrr.serving.reading.records import Record

_LONGEST = 40


def proposal_table(proposed: NeedsMapping) -> Table:
    """Return which columns would become what, with an example of each."""
    table = Table(title=f"{proposed.form}: proposed", title_justify="left")
    for heading in ("column", "for example", "becomes", "as"):
        table.add_column(heading, overflow="fold")
    rows = [flat(one, proposed.columns.objects) for one in proposed.sample]
    understood = proposed.columns.understood
    for target, column in proposed.proposal.columns.items():
        example = next(filter(None, (_said(one, column.column) for one in rows)), "")
        becomes = target if target in FIELDS else f"attribute {target.removeprefix(ATTRIBUTE)}"
        _, found = understood[target]
        kind = f"values between {column.own_separator}" if column.own_separator else found
        table.add_row(" + ".join(column.column), example[:_LONGEST], becomes, kind or "")
    for name in proposed.proposal.leave_out:
        held = (str(value) for one in rows for column, value in one.items() if is_within(column, name))
        table.add_row(name, next(held, "")[:_LONGEST], "nothing", "")
    return table


def _said(row: Record, columns: Sequence[str]) -> str:
    return " ".join(str(cells.text(row[name])) for name in columns if cells.present(row.get(name)))


def taken_line(columns: Columns) -> str:
    """Return which columns were taken as fields, and which as attributes, of which kind where it is not text.

    Where a few cells keep a column from being numbers or dates, or are texts among numbers, the first of them is shown.
    """
    long = {field: short for short, field in SHORT.items()}
    fields, attributes = [], []
    for target, (names, kind) in columns.understood.items():
        source = " + ".join(names)
        if target in FIELDS:
            fields.append(f"{long.get(target, target)} = {source}")
            continue
        name = target.removeprefix(ATTRIBUTE)
        told = source if name == source else f"{name} = {source}"
        if odd := columns.odd_one(target):
            why = (
                f"text, since {odd[1][:_LONGEST]!r} is no {odd[0]}"
                if kind
                else f"number, but for {odd[1][:_LONGEST]!r}"
            )
            attributes.append(f"{told} ({why})")
        elif undecided := columns.undecided_date(target):
            attributes.append(f"{told} (text, since {undecided!r} may begin with the day or with the month)")
        else:
            attributes.append(told if kind in {None, "text"} else f"{told} ({kind})")
    return "; ".join([", ".join(fields), f"attributes: {', '.join(attributes) or 'none'}"])
