"""All of an installation, looked at."""

from collections.abc import Iterator

from ltrr.models.errors import LtrrError
from ltrr.retrievers.understanding.synonyms import Synonyms
from ltrr.serving.inspection import installation
from ltrr.serving.inspection.catalogue import examine_catalogue
from ltrr.serving.inspection.finding import Finding, finding_of
from ltrr.serving.inspection.learning import examine_learning
from ltrr.serving.inspection.servers import examine_servers
from ltrr.serving.retrieval.opening import strategy_arms
from ltrr.serving.settings.settings import load_settings
from ltrr.serving.watching.installed import java_of_servers, versions


def examine() -> Iterator[Finding]:
    """Yield what is found, one thing after the other; each is looked at whatever is wrong with those before it."""
    yield finding_of("versions", versions)
    yield finding_of("java", java_of_servers, worst="warning")
    try:
        settings = load_settings()
        learning = settings.learning(strategy_arms())
    except LtrrError as error:
        yield Finding("settings", "failed", str(error))
        return
    changed = sorted(settings.model_fields_set)
    yield Finding("settings", "ok", f"set: {', '.join(changed)}" if changed else "all as they come")
    yield finding_of("arms", lambda: installation.arms(learning.rules), worst="warning")
    yield finding_of("data folder", lambda: installation.data_folder(settings.data_dir))
    if settings.kafka is None:
        yield finding_of("secret", lambda: installation.secret(settings))
    if terms := settings.synonyms:
        yield finding_of("synonyms", lambda: f"{len(Synonyms.read(terms)):,} terms of {terms}, as a start reads them")
    yield from examine_catalogue(settings)
    if settings.brokers is None:
        yield finding_of("learned", lambda: installation.learned(settings.data_dir, learning), worst="warning")
    yield finding_of("port", lambda: installation.port(settings), worst="warning")
    yield from examine_servers(settings)
    yield from examine_learning(settings)
