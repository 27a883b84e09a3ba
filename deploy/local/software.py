"""How the software of a server is got: from Maven Central, or it is a program that the user has."""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from deploy.local import java, maven
from deploy.local.failure import Failed

Say = Callable[[str], None]


class Software(NamedTuple):
    """folder: where it lies; program: what to run, `java` or the server's own binary. Both are absolute."""

    folder: Path
    program: Path


class Source(Protocol):
    """Where software comes from."""

    def offered(self, environment: Mapping[str, str]) -> bool:
        """Return whether the server is one of those that are started where none is named."""

    def get(self, software: Path, environment: Mapping[str, str], say: Say) -> Software:
        """Return the software, fetched into a folder below `software` where need be. Raises Failed."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """Fetched by Maven, once, to run on Java.

    name: of its execution and of its `.version` in pom.xml; goal: what that execution does, a goal of the dependency
    plugin; java: the oldest major version that it runs on; homes: variables that name a Java, the first one first.
    """

    name: str
    goal: str
    java: int
    homes: tuple[str, ...] = ("JAVA_HOME",)

    @property
    def version(self) -> str:
        """Return the version to run."""
        return maven.version(self.name)

    def offered(self, environment: Mapping[str, str]) -> bool:  # noqa: ARG002  # all others look at it
        """Return that it can be had anywhere."""
        return True

    def get(self, software: Path, environment: Mapping[str, str], say: Say) -> Software:
        """Return the folder that Maven filled, and a Java that is new enough."""
        home = java.find(self.java, environment, variables=self.homes)
        into = software / f"{self.name}-{self.version}"
        if not into.exists():
            say(f"fetching {into.name} from Maven Central")
            maven.fetch(self.name, self.goal, into, home, environment)
        return Software(into, home / "bin" / "java")


@dataclass(frozen=True, slots=True)
class Own:
    """A program that the user has, since no registry carries it. variable: names it."""

    variable: str

    def offered(self, environment: Mapping[str, str]) -> bool:
        """Return whether the user named it."""
        return bool(environment.get(self.variable))

    def get(self, software: Path, environment: Mapping[str, str], say: Say) -> Software:  # noqa: ARG002  # not fetched
        """Return the program and its folder."""
        named = environment.get(self.variable)
        if not named:
            raise Failed(f"this server is not fetched: get its program, and let {self.variable} name it")
        found = shutil.which(named, path=environment.get("PATH", os.defpath))
        if found is None:
            raise Failed(f"{self.variable} is {named}, which is no program that you can run")
        program = Path(found).resolve()
        return Software(program.parent, program)
