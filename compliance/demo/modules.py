"""The production modules: which template makes which file, and what a file looks like at a given moment."""

from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from compliance.demo.catalogue import Agent, Entity, agents, entities
from compliance.demo.template import render, source
from compliance.demo.wording import agent_names, entity_names, traits

APP = "netra_backend/app"


@dataclass(frozen=True, slots=True)
class Page:
    """One file of the repository at one moment.

    `shapes` are the snippets appended to the template; a shape that is also in `flags` is written the old
    way. `edits` are replacements made in the finished text, for changes that no template foresees.
    """

    template: str
    names: dict[str, str] = field(default_factory=dict)
    flags: frozenset[str] = frozenset()
    shapes: tuple[str, ...] = ()
    edits: tuple[tuple[str, str], ...] = ()
    area: str = ""

    @property
    def text(self) -> str:
        """What stands in the file. Raises ValueError where an edit finds nothing to replace."""
        parts = [self.template]
        parts += [source(f"shapes/{shape}").replace("%if old", f"%if {shape}") for shape in self.shapes]
        text = render("\n\n\n".join(parts), self.names, self.flags)
        for before, after in self.edits:
            if before not in text:
                raise ValueError(f"nothing to edit: {before!r}")
            text = text.replace(before, after, 1)
        return text

    @property
    def old_shapes(self) -> list[str]:
        """The shapes that still break the rules."""
        return [shape for shape in self.shapes if shape in self.flags]

    def modernised(self, *names: str) -> "Page":
        """The page with some of its old ways gone; with all of them gone where none is named."""
        return replace(self, flags=self.flags - set(names or self.shapes))


@dataclass(frozen=True, slots=True)
class Layer:
    """One kind of module that every entity has: its template, its path, and the class it is about."""

    template: str
    path: str
    main: str = ""


LAYERS = (
    Layer("model", "models/{name}.py"),
    Layer("schema", "schemas/{name}_schema.py"),
    Layer("repository", "db/repositories/{name}_repository.py", "Repository"),
    Layer("rules", "validation/{name}_rules.py"),
    Layer("service", "services/{domain}/{name}_service.py", "Service"),
    Layer("policy", "policies/{name}_policy.py"),
    Layer("routes", "routes/{plural}.py"),
    Layer("events", "events/{name}_events.py", "EventStream"),
    Layer("cache", "cache/{name}_cache.py", "Cache"),
    Layer("metrics", "analytics/{name}_metrics.py"),
    Layer("tool", "tools/{name}_lookup_tool.py", "LookupTool"),
    Layer("sweep", "jobs/{name}_sweep.py"),
    Layer("index", "search/{name}_index.py", "Index"),
    Layer("export", "exports/{name}_export.py"),
)


def entity_page(layer: Layer, entity: Entity) -> tuple[str, Page]:
    """Path and page of one layer of one entity."""
    path = f"{APP}/" + layer.path.format(name=entity.name, plural=entity.plural, domain=entity.domain)
    names = entity_names(entity, layer.main)
    return path, Page(
        source(f"layers/{layer.template}"), names, traits(entity), area=f"{entity.domain}/{layer.template}"
    )


def agent_pages(agent: Agent) -> dict[str, Page]:
    """The modules of one agent."""
    folder = f"{APP}/agents/{agent.name}"
    names = agent_names(agent)
    files = {"agent": "agent", "prompts": "prompts", "reading": "reading", "limits": "allowance"}
    return {
        f"{folder}/{stem}.py": Page(source(f"agents/{template}"), names, area=f"agents/{template}")
        for template, stem in files.items()
    }


def domain_pages() -> dict[str, Page]:
    """All pages that come from the catalogue, in the old order of the layers, without any shape."""
    pages = dict(entity_page(layer, entity) for layer in LAYERS for entity in entities())
    for agent in agents():
        pages |= agent_pages(agent)
    return pages


def package_pages(paths: list[str]) -> dict[str, Page]:
    """An `__init__.py` for every package that holds one of the paths."""
    folders = {parent for path in paths for parent in PurePosixPath(path).parents if parent.parts}
    return {
        f"{folder}/__init__.py": Page(f'"""The {folder.name.replace("_", " ")} package."""', area="package")
        for folder in sorted(folders)
    }
