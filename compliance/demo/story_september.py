"""The next two weeks: the six consumers of #1102, a side branch, and a hotfix that went too far."""

from compliance.demo.cast import ALICE, BEN, CHIARA, DIEGO, EMI, FARID
from compliance.demo.changes import Add, Flags, MigrateTests, Modernise
from compliance.demo.consumers import GOLDEN_FILE
from compliance.demo.landmarks import DEPENDENCIES, ENGINE_FACTORY, SOCKET, START, SUPERVISOR
from compliance.demo.story import Chapter

SEPTEMBER = (
    Chapter(
        "09-16 10:21",
        ALICE,
        "supervisor: ask for a factory in each run (#1102)",
        "Commit 2 of #1102. The supervisor outlives the request, the factory must not. The tests that\n"
        "replaced the accessor in the supervisor's module follow in the same commit.",
        (
            Flags(SUPERVISOR, ("supervisor-stored",)),
            MigrateTests(("* supervised*", "*supervised *")),
        ),
    ),
    Chapter(
        "09-17 09:40",
        EMI,
        "tests: golden path stations two to seven (#1274)",
        "",
        (Flags(GOLDEN_FILE, tuple(f"station-{number}" for number in range(2, 8))),),
    ),
    Chapter(
        "09-17 15:02",
        DIEGO,
        "demo: a factory for each visit (#1102)",
        "Commit 3 of #1102. Visitors have no account, but they have a context; the factory needs no more.",
        (Flags(SOCKET, ("demo-call",)),),
        branch="demo-socket",
    ),
    Chapter(
        "09-18 10:12",
        CHIARA,
        "billing: services, caches and tools belong to a request (#709)",
        "The largest domain first. Part of the master report's list of singletons.",
        (Modernise(("billing/*",)),),
    ),
    Chapter(
        "09-18 13:45",
        DIEGO,
        "tests: socket journeys follow the demo route (#1274)",
        "",
        (MigrateTests(("tests/e2e/websocket *",)),),
        branch="demo-socket",
    ),
    Chapter(
        "09-19 16:30",
        EMI,
        "tests: golden path stations eight to thirteen (#1274)",
        "The file that started it all is done.",
        (Flags(GOLDEN_FILE, ("last-call", *(f"station-{number}" for number in range(8, 14)))),),
    ),
    Chapter(
        "09-22 09:15",
        ALICE,
        "Merge branch 'demo-socket' (#1102)",
        "Reviewed by Emi Tanaka and Farid Haddad.",
        merges="demo-socket",
    ),
    Chapter(
        "09-22 14:05",
        FARID,
        "jobs: sweep the tables of documents every night",
        "",
        (Add(("documents/sweep",)),),
    ),
    Chapter(
        "09-23 10:50",
        ALICE,
        "start: no factory is configured for everybody (#1102)",
        "Commit 4 of #1102. Collaborators are given to the factory of a request; the start only checks that\n"
        "one can be made.",
        (Flags(START, ("start-call",)),),
    ),
    Chapter(
        "09-24 09:27",
        BEN,
        "dependencies: hand out factories, not the accessor (#1102)",
        "Commit 5 of #1102. The import that nothing used in the engine's factory goes with it.",
        (
            Flags(DEPENDENCIES, ("dependencies-import",)),
            Flags(ENGINE_FACTORY, ("engine-unused-import",)),
        ),
    ),
    Chapter(
        "09-25 11:38",
        EMI,
        "tests: the rest of the golden path (#1274)",
        "Closes the first part of phase 1.",
        (MigrateTests(("tests/integration/golden_path *",)),),
    ),
    Chapter(
        "09-26 15:20",
        CHIARA,
        "accounts: services, caches and tools belong to a request (#709)",
        "",
        (Modernise(("accounts/*",)),),
    ),
    Chapter(
        "09-29 18:52",
        DIEGO,
        "demo: load the agents before the first visitor (hotfix)",
        "The fair opens tomorrow and the first visitor waits nine seconds for an answer. The shared\n"
        "factory has its recipes loaded already.",
        (Flags(SOCKET, take=("demo-call",)),),
    ),
    Chapter(
        "09-30 10:30",
        FARID,
        "tests: socket events on the new factory (#1274)",
        "Second part of phase 1.",
        (MigrateTests(("tests/integration/websocket *",)),),
    ),
    Chapter(
        "10-01 09:08",
        ALICE,
        "demo: back to a factory for each visit (#1102)",
        "Takes back the hotfix of Monday, which let two visitors share one factory. Recipes are classes\n"
        "and load with their module; the nine seconds were the cold cache.",
        (Flags(SOCKET, drop=("demo-call",)),),
    ),
)
