"""What the imagined platform deals in: the entities of its domains and the agents that work on them."""

from dataclasses import dataclass
from functools import cache
from itertools import starmap

from compliance.demo.template import source


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an entity; `kind` is str, int, float, bool, date or datetime."""

    name: str
    kind: str

    @property
    def words(self) -> str:
        """The name as people say it."""
        return self.name.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing the platform keeps: its names, what it is, and its fields."""

    domain: str
    name: str
    plural: str
    about: str
    fields: tuple[Field, ...]

    @property
    def camel(self) -> str:
        """The class name."""
        return "".join(part.capitalize() for part in self.name.split("_"))

    def of(self, *kinds: str) -> list[Field]:
        """The fields of the given kinds."""
        return [field for field in self.fields if field.kind in kinds]


@dataclass(frozen=True, slots=True)
class Agent:
    """One agent of the platform: its module, its class name, what it does, and the tools it may use."""

    name: str
    camel: str
    about: str
    tools: tuple[str, ...]


@cache
def entities() -> tuple[Entity, ...]:
    """Every entity, from `sources/entities.txt`: domain, name, plural, fields, and what it is."""
    return tuple(starmap(_entity, _rows("entities")))


@cache
def agents() -> tuple[Agent, ...]:
    """Every agent, from `sources/agents.txt`: module, class name, tools, and what it does."""
    return tuple(
        Agent(name, camel, about, tuple(tools.split())) for name, camel, tools, about in _rows("agents")
    )


def _rows(name: str) -> list[list[str]]:
    lines = source(name).splitlines()
    return [[cell.strip() for cell in line.split("|")] for line in lines if line and not line.startswith("#")]


def _entity(domain: str, name: str, plural: str, fields: str, about: str) -> Entity:
    pairs = (field.split(":") for field in fields.split())
    return Entity(domain, name, plural, about, tuple(Field(field, kind) for field, kind in pairs))
