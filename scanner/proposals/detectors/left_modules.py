"""Proposes migrations that have ended: modules that many files once imported, and (nearly) none does now."""

import re
from collections.abc import Iterator, Sequence
from sys import stdlib_module_names

from scanner.proposals.markers import Marker
from scanner.proposals.model import Evidence, Idea, PastUse, ProposedRule
from scanner.proposals.naming import REMOVED, identifier, without_members
from scanner.proposals.old_names import MODULES, PYTHON_2_NAMES
from scanner.proposals.past import Past
from scanner.proposals.python_file import PythonFile
from scanner.proposals.survey import Survey
from scanner.python.builtin_names import BUILTINS

LEAST = 5
"""Minimum number of files that imported a module."""

MOST = 15
"""Maximum number of ideas: those with the most files."""

_TRIED = 60
_CHANGED = 0.4
"""Share of the files that used a module that must still exist: else they were deleted, not migrated."""

_LEFT = 0.1
"""Share of these files that may still import a package of others."""

_DISTINCTIVE = re.compile(r"\w{8,}|\w*[A-Z_]\w*")
"""A name that alone says where a module went; `fetch` may be another thing in another module."""

_OTHER = frozenset(
    [
        "__builtin__",
        "ConfigParser",
        "HTMLParser",
        "Queue",
        "StringIO",
        "UserDict",
        "cPickle",
        "cStringIO",
        "commands",
        "cookielib",
        "httplib",
        "md5",
        "sets",
        "sha",
        "six",
        "simplejson",
        "thread",
        "urllib2",
        "urlparse",
    ]
)
"""Modules that only Python 2 has, and six, which another detector knows."""


class Detector:
    """Compares the samples of the past with the newest commit."""

    markers: Sequence[Marker] = ()

    def read(self, file: PythonFile) -> None:
        """Do nothing: the past has been read already."""

    def ideas(self, survey: Survey) -> Iterator[Idea]:
        found = [*_own_modules(survey.past), *_packages(survey)]
        found.sort(key=lambda pair: (-pair[1].files, pair[0]))
        likely = dict(found[:_TRIED])
        at = {module: past.everywhere.commit for module, past in likely.items() if past.everywhere}
        still = survey.past.survivors(at)
        made = (_idea(survey, module, likely[module]) for module in at if still[module] >= _CHANGED)
        kept = [idea for idea in made if idea is not None]
        yield from kept[:MOST]


def _own_modules(past: Past) -> Iterator[tuple[str, PastUse]]:
    """Yield modules of the repository that no longer exist, without those in packages that don't either."""
    then = {module for sample in past.samples[:-1] for module in sample.modules if "." in module}
    tops = {module.partition(".")[0] for module in past.now.modules}
    gone = {each for each in then - set(past.now.modules) if each.partition(".")[0] in tops}
    for module in without_members(gone):
        earlier = past.use(module)
        if (
            earlier is not None
            and earlier.production is not None
            and earlier.production.files >= LEAST
            and not past.now.files[module]
        ):
            yield module, earlier


def _packages(survey: Survey) -> Iterator[tuple[str, PastUse]]:
    """Yield packages of others, by their first name, that (nearly) no file imports any more."""
    past = survey.past
    own = {module.partition(".")[0] for sample in past.samples for module in sample.modules}
    own |= {name for sample in past.samples for name in sample.folders}
    own |= {
        module.rpartition(".")[2] for sample in past.samples for module in sample.modules
    }  # as in Python 2
    tops = {
        name
        for sample in past.samples[:-1]
        for name in sample.files
        if name.isidentifier() and name[:1] != "_"
    }
    for name in tops - own - stdlib_module_names - _OTHER - MODULES.keys():
        earlier = past.use(name)
        if earlier is None or earlier.files < LEAST:
            continue
        if past.now.files[name] <= _LEFT * earlier.files:
            yield name, earlier


def _idea(survey: Survey, module: str, earlier: PastUse) -> Idea | None:
    names = [module] if "." in module else survey.past.beneath(module)
    if not names:
        return None
    home = _home(survey, module)
    left = survey.past.now.files[module]
    now = f"Few files still import {module}" if left else f"Nothing imports {module} any more"
    rule = ProposedRule(
        identifier(module),
        "deprecated-symbol",
        {"symbols": names},
        f"{module} is no longer used" + (f"; use {home}" if home else ""),
    )
    return Idea(
        f"left:{module}",
        f"{module} → {home or REMOVED}",
        f"{now}; many did in the past.",
        Evidence.FINISHED,
        (rule,),
        home,
        past=earlier,
        why_if_used=f"{module} is hardly used any more; many files imported it in the past.",
    )


def _home(survey: Survey, module: str) -> str:
    """Return the module from which most of a module's names are imported now, which of a module that bridged
    Python 2 and 3 is `builtins`; empty if there is none.
    """
    names = survey.past.names(module)
    homes: dict[str, list[str]] = {}
    for name in sorted(name for name in names if len(name) > 1):
        for home in sorted(survey.importers.get(name, ())):
            if home != module and home not in stdlib_module_names:
                homes.setdefault(home, []).append(name)
    best = max(homes, key=lambda home: len(homes[home]), default="")
    found = homes.get(best, [])
    if not names or (found and 2 * len(found) >= len(names)):
        return best if len(found) > 1 or (found and _DISTINCTIVE.fullmatch(found[0])) else ""
    return "builtins" if 2 * len(names & (PYTHON_2_NAMES | BUILTINS)) >= len(names) else ""
