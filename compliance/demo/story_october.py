"""October: the singleton goes, the bridge and the registry follow, and the tests catch up."""

from compliance.demo.cast import ALICE, BEN, BEN_AT_HOME, CHIARA, DIEGO, EMI, FARID
from compliance.demo.changes import Add, Edit, Flags, MigrateTests, Modernise, Rename
from compliance.demo.landmarks import BRIDGE, ENGINE, ENGINE_FACTORY, FACTORY, REGISTRY
from compliance.demo.modules import APP
from compliance.demo.story import Chapter

BROKEN_FILE = f"{APP}/cache/completion_cache.py"
_FULL = "        if len(self._entries) >= MOST_ENTRIES:\n"
CONFLICT = (
    _FULL,
    f"<<<<<<< HEAD\n{_FULL}=======\n"
    "        while len(self._entries) > MOST_ENTRIES // 2:\n>>>>>>> llm-limits\n",
)
SHARED_LIMITS_FILE = f"{APP}/cache/handshake_cache.py"
SHARED_LIMITS_REASON = (
    "# ssot: ignore[singletons] until=2025-12-31 because the gateway counts the whole process\n"
)

OCTOBER = (
    Chapter(
        "10-01 16:44",
        BEN,
        "cache: take the limits of completions from the llm branch",
        "",
        (Edit(BROKEN_FILE, *CONFLICT),),
    ),
    Chapter(
        "10-02 09:55",
        EMI,
        "tests: one recipe at a time, without the accessor (#1274)",
        "",
        (MigrateTests(("tests/unit/agents *",)),),
    ),
    Chapter(
        "10-02 14:18",
        BEN,
        "cache: remove the conflict markers",
        "They came in with the limits of completions yesterday; nothing imports this cache at start.",
        (Edit(BROKEN_FILE, *reversed(CONFLICT)),),
    ),
    Chapter(
        "10-03 11:20",
        CHIARA,
        "auth: services, tools and events belong to a request (#709)",
        "",
        (Modernise(("auth/*",)),),
    ),
    Chapter(
        "10-06 09:30",
        ALICE,
        "agents: remove the singleton (#1102)",
        "Commit 6 of #1102. The accessor stays as a signpost that raises until the last test has moved. The\n"
        "eight proofs of #709 fail from here on, as they must.",
        (Flags(FACTORY, ("factory-singleton",)),),
    ),
    Chapter(
        "10-06 19:12",
        EMI,
        "tests: the factory with real recipes (#1274)",
        "Commit 7 of #1102 begins: the tests, folder by folder.",
        (MigrateTests(("tests/integration/agents *",)),),
    ),
    Chapter(
        "10-07 10:03",
        DIEGO,
        "services: nobody asks for the shared bridge any more (#183)",
        "Callers hand their bridge in.",
        (Modernise(("*",), ("bridge_user",)),),
    ),
    Chapter(
        "10-07 16:36",
        DIEGO,
        "services: a bridge for each user (#183)",
        "The second singleton of the master report: no instance is kept on AgentWebSocketBridge.",
        (
            Flags(BRIDGE, ("bridge-singleton",)),
            MigrateTests(("bridge-test",)),
        ),
    ),
    Chapter(
        "10-08 11:47",
        FARID,
        "events: agents hand over, each with a formatter (#183)",
        "",
        (
            Rename(f"{APP}/events/handover_events.py", f"{APP}/events/agent_handover_events.py"),
            Modernise(("runs/events",), ("shared_return",)),
        ),
    ),
    Chapter(
        "10-09 09:44",
        BEN,
        "jobs: sweep the tables of notices every night",
        "",
        (Add(("notices/sweep",)),),
    ),
    Chapter(
        "10-09 13:25",
        CHIARA,
        "threads: services, caches and tools belong to a request (#709)",
        "",
        (Modernise(("threads/*",)),),
    ),
    Chapter(
        "10-10 10:10",
        EMI,
        "tests: whole questions and threads without the accessor (#1274)",
        "",
        (MigrateTests(("tests/e2e/agents *", "netra_backend/tests/integration/threads *")),),
    ),
    Chapter(
        "10-10 16:22",
        ALICE,
        "engine: remember the runs of one engine, not of all (#183)",
        "active_runs and run_history were kept on the class, so every user could read every run.",
        (Flags(ENGINE, ("engine-state",)), Flags(ENGINE_FACTORY, ("engine-warning",))),
    ),
    Chapter(
        "10-13 09:18",
        FARID,
        "cache: say why the limits of handshakes are shared",
        "They guard the gateway, which counts the handshakes of the whole process.\n"
        "Looked at again before the year ends.",
        (Edit(SHARED_LIMITS_FILE, "handshake_limits = ", SHARED_LIMITS_REASON + "handshake_limits = "),),
    ),
    Chapter(
        "10-13 15:51",
        ALICE,
        "agents: nobody asks for the shared registry any more (#183)",
        "",
        (Modernise(("*",), ("registry_user",)),),
    ),
    Chapter(
        "10-14 10:26",
        ALICE,
        "agents: a registry for each user (#183)",
        "The old accessor stays as a signpost for one release.",
        (Flags(REGISTRY, ("registry-singleton",)),),
        tag="release-2025.10",
    ),
    Chapter(
        "10-15 09:39",
        CHIARA,
        "supply: services, caches and tools belong to a request (#709)",
        "",
        (Modernise(("supply/*",)),),
    ),
    Chapter(
        "10-15 21:33",
        BEN_AT_HOME,
        "analytics: figures about quotas, called so",
        "Moved, nothing else.",
        (Rename(f"{APP}/analytics/quota_metrics.py", f"{APP}/analytics/quota_figures.py"),),
    ),
    Chapter(
        "10-16 11:02",
        EMI,
        "tests: start-up without configuration for everybody (#1274)",
        "",
        (MigrateTests(("tests/integration/startup *",)),),
    ),
    Chapter(
        "10-17 14:29",
        DIEGO,
        "exports: bills and payments as tables for spreadsheets",
        "",
        (Add(("billing/export",)),),
    ),
    Chapter(
        "10-20 09:57",
        FARID,
        "tests: names of events without the accessor (#1274)",
        "",
        (MigrateTests(("netra_backend/tests/unit/websocket *",)),),
    ),
    Chapter(
        "10-21 10:41",
        CHIARA,
        "notices: services, caches and tools belong to a request (#709)",
        "",
        (Modernise(("notices/*",)),),
    ),
    Chapter(
        "10-22 15:06",
        BEN,
        "jobs: sweep the tables of models and prompts every night",
        "",
        (Add(("llm/sweep",)),),
    ),
    Chapter(
        "10-23 11:14",
        EMI,
        "tests: two users at the same time, first half (#1274)",
        "",
        (MigrateTests(("tests/integration/isolation *",), most=5),),
    ),
    Chapter(
        "10-24 09:31",
        ALICE,
        "agents: the actions planner belongs to a run (#183)",
        "",
        (Modernise(("agents/agent",), most=2),),
    ),
)
