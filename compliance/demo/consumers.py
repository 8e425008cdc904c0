"""The tests of the imagined platform: consumers of the deprecated accessor, and tests that never met it."""

import string
from dataclasses import dataclass
from itertools import count

from compliance.demo.catalogue import Entity, agents, entities
from compliance.demo.modules import Page
from compliance.demo.template import source
from compliance.demo.wording import agent_names, entity_names, sample, traits

USERS = ("alice", "bob", "carol", "dave", "erin")
GOLDEN_FILE = "tests/integration/golden_path/test_golden_path_stations.py"
PROOFS_FILE = "tests/unit/agents/test_agent_instance_factory_ssot_violations.py"
STATIONS = 13


@dataclass(frozen=True, slots=True)
class Area:
    """A folder of consumers: how many, how their names end, what they are about, and what all of them do."""

    folder: str
    files: int
    ending: str
    about: str
    always: str = "call"


AREAS = (
    Area("tests/integration/golden_path", 11, "golden_path", "what every new user does first"),
    Area("tests/e2e/agents", 6, "journey", "a whole question from sign-in to report"),
    Area("tests/e2e/websocket", 8, "socket_journey", "what a user sees while the agents work"),
    Area("tests/e2e/isolation", 6, "isolation_journey", "two users who ask at the same time"),
    Area("tests/integration/agents", 14, "factory", "the factory with real recipes"),
    Area("tests/integration/websocket", 12, "events", "the events of a run"),
    Area("tests/integration/isolation", 10, "isolation", "what two users must not share"),
    Area("netra_backend/tests/integration/threads", 4, "threads", "runs that belong to a thread"),
    Area("tests/integration/startup", 5, "start", "the start of the whole platform", "configure"),
    Area("tests/unit/agents", 13, "factory", "one recipe at a time"),
    Area("tests/unit/isolation", 8, "isolation", "what one agent keeps for itself"),
    Area("netra_backend/tests/unit/websocket", 6, "events", "the names of events"),
    Area("netra_backend/tests/unit/tools", 4, "tools", "which tools an agent may use"),
    Area("tests/unit/startup", 3, "start", "collaborators given at the start", "configure"),
)

# What the consumers do besides: scenario -> in how many files. An alias is two uses but one word, a mention
# one word but no use; there are as many of one as of the other.
SCENARIOS = {"patched": 38, "override": 20, "local": 10, "alias": 8, "mention": 8, "supervised": 4}
STRIDE = 5


def consumer_pages() -> dict[str, Page]:
    """Every test that uses the deprecated accessor, written the old way."""
    places = [(area, position) for area in AREAS for position in range(area.files)]
    calling = [place for place in places if place[0].always == "call"]
    scenarios = {place: [place[0].always] for place in places}
    cards = (name for name, times in SCENARIOS.items() for _ in range(times))
    for position, name in zip(count(), cards, strict=False):
        scenarios[calling[position * STRIDE % len(calling)]].append(name)
    pages = dict(_consumer(area, position, scenarios[area, position]) for area, position in places)
    pages[GOLDEN_FILE] = _golden_page()
    pages[PROOFS_FILE] = Page(source("tests/proofs"), flags=frozenset({"old"}), area="proofs")
    return pages


def other_test_pages() -> dict[str, Page]:
    """Tests that are no consumers: rules and repositories of every entity, and the three suites."""
    pages = {"tests/contexts.py": Page(source("tests/contexts"), area="test")}
    for entity in entities():
        names = entity_names(entity) | {"sample": sample(entity)}
        folder = f"netra_backend/tests/unit/{entity.domain}"
        pages[f"{folder}/test_{entity.name}_rules.py"] = _entity_test("rules_test", entity, names)
        pages[f"{folder}/test_{entity.name}_repository.py"] = _entity_test("repository_test", entity, names)
    return pages | _suites()


def _suites() -> dict[str, Page]:
    pages = {}
    for entity in _mission_entities():
        names = entity_names(entity) | {"sample": sample(entity)}
        pages[f"tests/mission_critical/test_{entity.name}_mission_critical.py"] = _entity_test(
            "mission", entity, names
        )
    listed = "\n".join(f'    "{agent.camel}",' for agent in agents()[:15])
    pages["tests/singleton_removal/test_no_shared_agents.py"] = Page(
        source("tests/removal"), {"agents": listed}, area="test"
    )
    pages["tests/websocket_events/test_bridge_events.py"] = Page(
        source("tests/bridge_events"), flags=frozenset({"old"}), area="bridge-test"
    )
    return pages


def _mission_entities() -> list[Entity]:
    """The first entity of each of the twelve domains, and the second of billing: thirteen files."""
    first = {entity.domain: entity for entity in reversed(entities())}
    return sorted([*first.values(), entities()[1]], key=entities().index)


def _entity_test(template: str, entity: Entity, names: dict[str, str]) -> Page:
    return Page(source(f"tests/{template}"), names, traits(entity), area="test")


def _consumer(area: Area, position: int, scenarios: list[str]) -> tuple[str, Page]:
    agent = agents()[(position + len(area.folder)) % len(agents())]
    parts = [source(f"tests/scenario_{scenario}").rstrip("\n") for scenario in scenarios]
    template = source("tests/consumer").replace("${scenarios}", "\n\n".join(parts))
    ending = area.ending.replace("_", " ")
    names = agent_names(agent) | {
        "user": USERS[position % len(USERS)],
        "headline": f"The {agent.name.replace('_', ' ')} agent: {area.about}",
        "class_name": f"{agent.camel}{ending.title().replace(' ', '')}",
        "sentence": f"{area.about[0].upper()}{area.about[1:]}.",
    }
    path = f"{area.folder}/test_{agent.name}_{area.ending}.py"
    return path, Page(template, names, frozenset({"old"}), area=" ".join((area.folder, *scenarios)))


def _golden_page() -> Page:
    stations = []
    for number, agent in enumerate(agents()[:STATIONS], start=1):
        words = string.Template(source("tests/station")).substitute(
            agent_names(agent) | {"number": f"{number:02d}", "user": USERS[number % len(USERS)]}
        )
        stations.append(words.rstrip("\n").replace("%if old", f"%if station-{number}"))
    template = source("tests/golden").replace("${stations}", "\n\n".join(stations))
    flags = frozenset({"last-call", *(f"station-{number}" for number in range(1, STATIONS + 1))})
    return Page(template, flags=flags, area="golden")
