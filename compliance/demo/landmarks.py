"""The hand-written modules, and the six consumers whose lines the inventory of #1102 names."""

from dataclasses import replace
from importlib.resources import files
from importlib.resources.abc import Traversable

from compliance.demo.catalogue import agents, entities
from compliance.demo.modules import APP, Page
from compliance.demo.template import render, source
from compliance.demo.wording import agent_names, entity_names

SUPERVISOR = f"{APP}/agents/supervisor_ssot.py"
START = f"{APP}/smd.py"
FACTORY = f"{APP}/agents/supervisor/agent_instance_factory.py"
SOCKET = f"{APP}/routes/demo_websocket.py"
DEPENDENCIES = f"{APP}/dependencies.py"
ENGINE_FACTORY = f"{APP}/agents/supervisor/execution_engine_factory.py"
ENGINE = f"{APP}/agents/supervisor/execution_engine.py"
REGISTRY = f"{APP}/agents/supervisor/agent_execution_registry.py"
BRIDGE = f"{APP}/services/agent_websocket_bridge.py"
AGENT_ROUTE = f"{APP}/routes/agent_route.py"

SLOW_TABLES = 38  # how many tables have a patience of their own in the start-up module

# path -> flags that it starts with: the old ways of each hand-written module
OLD_WAYS = {
    SUPERVISOR: {"supervisor-stored"},
    START: {"start-call"},
    FACTORY: {"factory-singleton"},
    SOCKET: {"demo-call"},
    DEPENDENCIES: {"dependencies-import"},
    ENGINE_FACTORY: {"engine-unused-import", "engine-warning"},
    ENGINE: {"engine-state"},
    REGISTRY: {"registry-singleton"},
    BRIDGE: {"bridge-singleton"},
}


def landmark_pages() -> dict[str, Page]:
    """Every hand-written module, in the state of the first commit."""
    root = files("compliance.demo") / "sources" / "tree"
    pages = {
        path: Page(text, flags=frozenset(OLD_WAYS.get(path, ())), area="landmark")
        for path, text in _walk(root)
    }
    pages[FACTORY] = replace(pages[FACTORY], names=_factory_names())
    pages[START] = replace(pages[START], names=_start_names())
    return pages


def _walk(folder: Traversable, prefix: str = "") -> list[tuple[str, str]]:
    found = []
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        path = f"{prefix}{item.name}"
        if item.is_dir():
            found += _walk(item, f"{path}/")
        elif path.endswith(".txt"):
            found.append((path.removesuffix(".txt"), item.read_text(encoding="utf-8")))
    return found


def _factory_names() -> dict[str, str]:
    recipes = [render(source("agents/recipe"), agent_names(agent)) for agent in agents()]
    listed = "RECIPES = (\n" + "".join(f"    {agent.camel}Recipe,\n" for agent in agents()) + ")"
    return {"tool_roles": _tool_roles(), "recipes": "\n\n".join(recipes) + "\n\n" + listed}


def _tool_roles() -> str:
    return "\n".join(f'    "{entity.name}_lookup": "{entity.domain}_reader",' for entity in entities())


def _start_names() -> dict[str, str]:
    known = entities()
    steps = [render(source("agents/start_step"), entity_names(entity)) for entity in known]
    patience = "\n".join(f'    "{entity.plural}": 2.0,' for entity in known[:SLOW_TABLES])
    return {
        "ready_order": "\n".join(f'    "{entity.plural}",' for entity in known),
        "patience_lines": patience,
        "steps": "\n".join(steps).rstrip(),
    }
