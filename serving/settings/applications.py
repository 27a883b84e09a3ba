"""The applications that a process serves."""

from collections.abc import Sequence

from ltrr.models.errors import InvalidInput


def application_named(name: str | None, served: Sequence[str]) -> str:
    """Return the application of a name, the first one where none is said. Raises InvalidInput."""
    if name is not None and name not in served:
        raise InvalidInput(f"application {name!r} is not served here; add it to LTRR_APPLICATIONS")
    return name or served[0]
