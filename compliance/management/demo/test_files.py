"""The tests of the fictional platform: those that use the deprecated accessor, and those that never did."""

from collections.abc import Iterator
from functools import cache
from itertools import product

from compliance.management.demo.catalog import agents, entities
from compliance.management.demo.source_files import Files, SourceFile

USERS = ("alice", "bob", "carol", "dave", "erin")
GOLDEN_FILE = "tests/integration/golden_path/test_golden_path_stations.py"
PROOFS_FILE = "tests/unit/agents/test_agent_instance_factory_ssot_violations.py"
REMOVAL_FILE = "tests/singleton_removal/test_no_shared_agents.py"
EVENTS_FILE = "tests/websocket_events/test_bridge_events.py"
STATIONS = 13
EVENTS = (
    *("agent_started", "agent_thinking", "tool_executing", "tool_completed", "partial_result"),
    *("agent_completed", "final_report"),
)

# For each folder of tests that use the accessor: the number of files, name suffix, subject, and common
# content.
FOLDERS = (
    ("tests/integration/golden_path", 11, "golden_path", "what every new user does first", "call"),
    ("tests/e2e/agents", 6, "journey", "a whole question from sign-in to report", "call"),
    ("tests/e2e/websocket", 8, "socket_journey", "what a user sees while the agents work", "call"),
    ("tests/e2e/isolation", 6, "isolation_journey", "two users who ask at the same time", "call"),
    ("tests/integration/agents", 14, "factory", "the factory with real recipes", "call"),
    ("tests/integration/websocket", 12, "events", "the events of a run", "call"),
    ("tests/integration/isolation", 10, "isolation", "what two users must not share", "call"),
    ("netra_backend/tests/integration/threads", 4, "threads", "runs that belong to a thread", "call"),
    ("tests/integration/startup", 5, "start", "the start of the whole platform", "configure"),
    ("tests/unit/agents", 13, "factory", "one recipe at a time", "call"),
    ("tests/unit/isolation", 8, "isolation", "what one agent keeps for itself", "call"),
    ("netra_backend/tests/unit/websocket", 6, "events", "the names of events", "call"),
    ("netra_backend/tests/unit/tools", 4, "tools", "which tools an agent may use", "call"),
    ("tests/unit/startup", 3, "start", "collaborators given at the start", "configure"),
)
# Additional content, and the number of files that have it. An alias consists of two uses but only one word,
# and a mention of one word but no use. Both are equally frequent.
SCENARIOS = {"patched": 38, "override": 20, "local": 10, "alias": 8, "mention": 8, "supervised": 4}
STRIDE = 5


@cache
def test_files() -> Files:
    """Return every test as it is before the migration."""
    old = frozenset({"old"})
    stations = [
        {"number": f"{n:02d}", "agent": agent, "user": USERS[n % len(USERS)], "flag": f"station-{n:02d}"}
        for n, agent in enumerate(agents()[:STATIONS], start=1)
    ]
    flags = frozenset(str(station["flag"]) for station in stations)
    return (
        dict(_users())
        | dict(_entity_tests())
        | {
            GOLDEN_FILE: SourceFile("tests/golden", {"stations": stations}, "golden", flags),
            PROOFS_FILE: SourceFile("tests/proofs", {}, "proofs", old),
            REMOVAL_FILE: SourceFile("tests/removal", {"agents": agents()[:15]}, "test"),
            EVENTS_FILE: SourceFile("tests/bridge_events", {"events": EVENTS}, "bridge-test", old),
            "tests/contexts.py": SourceFile("tests/contexts", {}, "test"),
        }
    )


def _users() -> Iterator[tuple[str, SourceFile]]:
    scenarios = {(folder, position): [folder[-1]] for folder in FOLDERS for position in range(folder[1])}
    calling = [place for place in scenarios if place[0][-1] == "call"]
    names = (name for name, times in SCENARIOS.items() for _ in range(times))
    for position, name in enumerate(names):
        scenarios[calling[position * STRIDE % len(calling)]].append(name)
    for ((folder, _, ending, subject, _), position), chosen in scenarios.items():
        agent = agents()[(position + len(folder)) % len(agents())]
        more = {"subject": subject, "ending": ending.title().replace("_", ""), "user": USERS[position % 5]}
        known, area = agent | more | dict.fromkeys(chosen, True), " ".join((folder, *chosen))
        path = f"{folder}/test_{agent['name']}_{ending}.py"
        yield path, SourceFile("tests/consumer", known, area, frozenset({"old"}))


def _entity_tests() -> Iterator[tuple[str, SourceFile]]:
    for entity, kind in product(entities(), ("rules", "repository")):
        path = f"netra_backend/tests/unit/{entity['domain']}/test_{entity['name']}_{kind}.py"
        yield path, SourceFile(f"tests/{kind}_test", entity, "test")
    # The first entity in each of the twelve domains, and the second one in billing.
    domains = {entity["domain"]: entity for entity in reversed(entities())}
    for entity in (*domains.values(), entities()[1]):
        path = f"tests/mission_critical/test_{entity['name']}_mission_critical.py"
        yield path, SourceFile("tests/mission", entity, "test")
