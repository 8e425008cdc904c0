"""The first six weeks: from the import of the code to the status of #1274."""

from compliance.demo.cast import ALICE, BEN, BEN_AT_HOME, CHIARA, DIEGO, EMI, FARID
from compliance.demo.changes import Add, Edit, Flags, Grow, Modernise, Rename, Strip
from compliance.demo.landmarks import AGENT_ROUTE, FACTORY
from compliance.demo.modules import APP
from compliance.demo.story import Chapter

# Sweeps and exports come later, domain by domain.
_LATER = (
    "*/export",
    *(f"{domain}/sweep" for domain in ("supply", "monitoring", "analytics", "documents", "llm", "notices")),
)

AUGUST = (
    Chapter(
        "08-04 09:12",
        ALICE,
        "Import the backend from the company repository",
        "Code only, history stays where it was. ssot-plan.yaml says what the migration of #1102 counts.",
        (
            Add(
                ("*",),
                but=("tests/*", "netra_backend/tests/*", "golden", "proofs", "test", "bridge-test", *_LATER),
            ),
            Strip("bridge_user"),
        ),
    ),
    Chapter(
        "08-04 15:40",
        BEN,
        "tests: bring the suites along",
        "Rules, repositories, mission critical, singleton removal and WebSocket events.",
        (Add(("test", "bridge-test")),),
    ),
    Chapter(
        "08-05 10:05",
        EMI,
        "tests: bring the agents' tests along, by category",
        "Integration, unit, end to end and golden path. All of them ask for the shared factory (#1274).",
        (Add(("tests/*", "netra_backend/tests/*", "golden")),),
    ),
    Chapter(
        "08-06 11:31",
        DIEGO,
        "services: show changes on the sockets of a run",
        "Uses the shared bridge for now; #183 will give each run its own.",
        (Grow("bridge_user"),),
    ),
    Chapter(
        "08-07 16:20",
        FARID,
        "tests: prove that the factory is shared (#709)",
        "Eight tests that pass while there is one factory for everybody and must all fail once there is not.",
        (Add(("proofs",)),),
        tag="baseline",
    ),
    Chapter(
        "08-11 09:48",
        CHIARA,
        "billing: a repository for each request (#709)",
        "First week of #709. Nothing read them across requests, so only their makers change.",
        (Modernise(("billing/repository",)),),
    ),
    Chapter(
        "08-12 14:02",
        BEN,
        "jobs: sweep the monitoring tables every night",
        "",
        (Add(("monitoring/sweep",)),),
    ),
    Chapter(
        "08-13 10:37",
        ALICE,
        "accounts: a repository for each request (#709)",
        "",
        (Modernise(("accounts/repository",)),),
    ),
    Chapter(
        "08-14 17:15",
        DIEGO,
        "auth: a repository for each request (#709)",
        "Sessions and keys were the ones that worried the auditors most.",
        (Modernise(("auth/repository",)),),
    ),
    Chapter(
        "08-18 09:20",
        EMI,
        "jobs: sweep the supply tables every night",
        "",
        (Add(("supply/sweep",)),),
    ),
    Chapter(
        "08-19 11:11",
        FARID,
        "threads, websocket: a repository for each request (#709)",
        "",
        (Modernise(("threads/repository", "websocket/repository")),),
    ),
    Chapter(
        "08-20 22:46",
        BEN_AT_HOME,
        "models: say what a label is for",
        "",
        (
            Edit(
                f"{APP}/models/thread.py",
                "What lists show for a thread.",
                "What lists and breadcrumbs show for a thread.",
            ),
        ),
    ),
    Chapter(
        "08-21 13:30",
        CHIARA,
        "runs, llm: a repository for each request (#709)",
        "",
        (Modernise(("runs/repository", "llm/repository")),),
    ),
    Chapter(
        "08-25 10:02",
        ALICE,
        "analytics, documents: a repository for each request (#709)",
        "",
        (Modernise(("analytics/repository", "documents/repository")),),
    ),
    Chapter(
        "08-26 15:55",
        DIEGO,
        "jobs: sweep the analytics tables every night",
        "",
        (Add(("analytics/sweep",)),),
    ),
    Chapter(
        "08-28 09:33",
        EMI,
        "notices, monitoring, supply: a repository for each request (#709)",
        "The last of the repositories. Closes week 1 of #709.",
        (Modernise(("notices/repository", "monitoring/repository", "supply/repository")),),
    ),
    Chapter(
        "09-02 10:44",
        FARID,
        "billing: no cached retry engines (#709)",
        "A cached engine counts the failures of everybody. The files keep their other debts for now.",
        (Modernise(("billing/*",), ("retry",)),),
    ),
    Chapter(
        "09-04 16:08",
        BEN,
        "events: call handshakes what they are",
        "Moved, nothing else.",
        (Rename(f"{APP}/events/handshake_events.py", f"{APP}/events/socket_handshake_events.py"),),
    ),
    Chapter(
        "09-08 09:05",
        ALICE,
        "agents: add create_agent_instance_factory (#1116)",
        "Commit 1 of #1102: the new function stands beside the old one, nobody uses it yet. Minimal risk.",
        (Flags(FACTORY, take=("factory-per-request",)),),
    ),
    Chapter(
        "09-09 11:26",
        CHIARA,
        "routes: make a factory for each question (#1116)",
        "The first place that uses the new function. Closes #1116.",
        (Flags(AGENT_ROUTE, take=("route-migrated",)),),
    ),
    Chapter(
        "09-10 14:50",
        DIEGO,
        "accounts, auth: no cached retry engines (#709)",
        "",
        (Modernise(("accounts/*", "auth/*"), ("retry",), most=6),),
    ),
    Chapter(
        "09-11 10:19",
        EMI,
        "tests: first golden path station on the new factory (#1274)",
        "One of thirteen; the other twelve follow the same pattern.",
        (
            Flags(
                "tests/integration/golden_path/test_golden_path_stations.py",
                ("station-1",),
                ("migrated-call",),
            ),
        ),
    ),
    Chapter(
        "09-15 09:00",
        ALICE,
        "docs: where the migration stands (#1274)",
        "Status for the weekly meeting. The figures are the dashboard's; they are not repeated here.",
        (Edit("README.md", "## The migration", "## The migration (#1274)"),),
        tag="status-1274",
    ),
)
