"""What ltrr stands on here: Python, libraries, and for servers without Docker a Java."""

import importlib.metadata
import os
import platform
from typing import Final

from packaging.requirements import Requirement

from ltrr.models.errors import InvalidSettings

_LOCAL_JAVA: Final = 21


def versions() -> str:
    """Return the versions of Python and of the libraries that ltrr stands on. Raises where one does not fit."""
    wrong, shown = [], []
    for line in importlib.metadata.requires("ltrr") or []:
        requirement = Requirement(line)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            version = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            wrong.append(f"{requirement.name} is missing")
            continue
        if not requirement.specifier.contains(version, prereleases=True):
            wrong.append(f"{requirement.name} is {version}, not {requirement.specifier}")
        if requirement.name in {"river", "faust-streaming", "elasticsearch", "qdrant-client", "kafka-python"}:
            shown.append(f"{requirement.name} {version}")
    if wrong:
        raise InvalidSettings(f"{'; '.join(wrong)}: install from requirements.lock (make install)")
    return f"ltrr {importlib.metadata.version('ltrr')}, Python {platform.python_version()}, {', '.join(shown)}"


def java_of_servers() -> str:
    """Return the Java that servers without Docker would run on; only a checkout has what starts them."""
    try:
        from deploy.local import java  # noqa: PLC0415  # not in the wheel
        from deploy.local.failure import Failed  # noqa: PLC0415
    except ImportError:
        return "not looked for: servers are started without Docker from a checkout alone"
    try:
        home = java.find(_LOCAL_JAVA, os.environ, variables=("ES_JAVA_HOME", "JAVA_HOME"))
    except Failed as failed:
        raise InvalidSettings(f"{failed}; only `make servers-up` needs it") from failed
    return f"{java.version(home)} in {home}, for `make servers-up`"
