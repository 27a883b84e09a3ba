"""What is served over a data folder: always the same state, and the rankers that are trained beside it."""

import logging
from dataclasses import dataclass

from ltrr.models.errors import StorageFailed
from ltrr.serving.decisions.modes import Serving
from ltrr.serving.rankers.folder import RankerFolder

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class InFolder:
    """What a process serves always, with the rankers that are trained, or dropped, beside it."""

    always: Serving
    folder: RankerFolder

    def serving(self, application: str) -> Serving:
        """Return what is served, as the data folder has it now."""
        try:
            if self.folder.changed(application):
                self.always.state.rankers.put(application, self.folder.read(application))
        except StorageFailed as error:
            _LOG.warning("%s", error)
        return self.always
