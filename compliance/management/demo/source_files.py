"""The files of the fictional platform before the migration, and the template for each."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import PurePosixPath

from compliance.management.demo import violations
from compliance.management.demo.catalog import Names, agents, entities
from compliance.management.demo.templates import SOURCES, python, render

APP = "netra_backend/app"
Files = dict[str, "SourceFile"]

# Maps the layer of an entity to its path and to the suffix of its main class.
LAYERS = {
    "model": ("models/{name}.py", ""),
    "schema": ("schemas/{name}_schema.py", ""),
    "repository": ("db/repositories/{name}_repository.py", "Repository"),
    "rules": ("validation/{name}_rules.py", ""),
    "service": ("services/{domain}/{name}_service.py", "Service"),
    "policy": ("policies/{name}_policy.py", ""),
    "routes": ("routes/{plural}.py", ""),
    "events": ("events/{name}_events.py", "EventStream"),
    "cache": ("cache/{name}_cache.py", "Cache"),
    "metrics": ("analytics/{name}_metrics.py", ""),
    "tool": ("tools/{name}_lookup_tool.py", "LookupTool"),
    "sweep": ("jobs/{name}_sweep.py", ""),
    "index": ("search/{name}_index.py", "Index"),
    "export": ("exports/{name}_export.py", ""),
}
# Deprecated code in handwritten modules that is migrated in more than one commit.
OLD_WAYS = {
    "agents/supervisor/agent_instance_factory.py": {"singleton", "singleton-only"},
    "agents/supervisor/execution_engine_factory.py": {"unused-import", "warning"},
}


@dataclass(frozen=True)
class SourceFile:
    """A file in the repository at one point in time.

    `area` is its name in the story. `patterns` are the snippets that are appended to its template. `old`
    names the patterns and other parts that are still written in the deprecated way. `edits` are replacements
    in the result.
    """

    template: str
    names: Names
    area: str
    old: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()
    edits: tuple[tuple[str, str], ...] = ()

    @cached_property
    def text(self) -> str:
        """Return the file's content. Raises ValueError if an edit matches nothing."""
        parts = [render(self.template, self.names | {"old": bool(self.old), "old_ways": self.old})]
        parts += [
            render(f"patterns/{name}", self.names | {"old": name in self.old}) for name in self.patterns
        ]
        text = parts[0] if self.area == "text" else python("\n".join(parts))
        for before, after in self.edits:
            if before not in text:
                raise ValueError(f"nothing to edit: {before!r}")
            text = text.replace(before, after, 1)
        return text


@cache
def production_files() -> Files:
    """Return every file, except tests, that exists at any time."""
    modules = _entity_modules() | _agent_modules()
    held = violations.spread({path: module.area for path, module in modules.items()})
    files = {
        path: replace(file, patterns=held[path], old=frozenset(held[path])) for path, file in modules.items()
    }
    return _handwritten() | files


def packages(paths: Iterable[str]) -> dict[str, str]:
    """Return an `__init__.py` for every package that contains at least one of the paths."""
    folders = {parent for path in paths for parent in PurePosixPath(path).parents if parent.parts}
    return {f"{f}/__init__.py": f'"""The {f.name.replace("_", " ")} package."""\n' for f in folders}


def _entity_modules() -> dict[str, SourceFile]:
    return {
        f"{APP}/{path.format(**entity)}": SourceFile(
            f"layers/{layer}", entity | _main(entity, ending), f"{entity['domain']}/{layer}"
        )
        for layer, (path, ending) in LAYERS.items()
        for entity in entities()
    }


def _agent_modules() -> dict[str, SourceFile]:
    return {
        f"{APP}/agents/{agent['name']}/{name}.py": SourceFile(
            f"agents/{name}", agent | _main(agent, "Agent"), f"agents/{name}"
        )
        for agent in agents()
        for name in ("agent", "prompts", "reading", "allowance")
    }


def _main(names: Names, ending: str) -> Names:
    """Return a module's main class, and the form of its name that is used within function names."""
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in ending)
    return {"main": names["camel"] + ending, "main_snake": names["name"] + snake}


def _handwritten() -> dict[str, SourceFile]:
    everything = {"agents": agents(), "entities": entities()}
    found = sorted(
        file.relative_to(SOURCES / "tree").as_posix() for file in (SOURCES / "tree").rglob("*.txt")
    )
    files = {}
    for path in (name.removesuffix(".txt") for name in found):
        area = path.removeprefix(f"{APP}/") if path.endswith(".py") else "text"
        files[path] = SourceFile(f"tree/{path}", everything, area, frozenset(OLD_WAYS.get(area, {"old"})))
    return files
