"""Proposes names that exist only to support Python 2: those of six and of a project's own compat module."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from scanner.proposals.markers import Marker
from scanner.proposals.model import Evidence, Idea, ProposedRule
from scanner.proposals.naming import identifier
from scanner.proposals.old_names import PYTHON_2_NAMES
from scanner.proposals.python_file import PythonFile
from scanner.proposals.survey import Survey
from scanner.wording import counted, join_words

_MODULES = frozenset(
    re.findall(
        r"\w+",
        """
    compat compatibility _compat py3compat py2compat pycompat five python2 py3k py23 compat_python
        """,
    )
)
_SURE = frozenset(
    re.findall(
        r"\w+",
        """
    PY2 PY3 _PY3 IS_PY2 IS_PY3 py2k py3k string_types text_type binary_type integer_types class_types
    basestring unicode unichr long long_t xrange iteritems iterkeys itervalues with_metaclass
    add_metaclass reraise exec_ python_2_unicode_compatible string_t text_t nextfun print_ u range
        """,
    )
)
"""Names that no module has for another reason."""


_SIX = frozenset(
    f"six.{name}"
    for name in re.findall(
        r"\w+",
        """
    PY2 PY3 PY34 moves class_types integer_types string_types text_type binary_type MAXSIZE
    get_unbound_function get_method_function get_method_self get_function_closure get_function_code
    get_function_defaults get_function_globals next callable iterkeys itervalues iteritems iterlists viewkeys
    viewvalues viewitems create_bound_method create_unbound_method Iterator exec_ print_ reraise raise_from
    with_metaclass add_metaclass b u unichr int2byte byte2int indexbytes iterbytes StringIO BytesIO
    ensure_binary ensure_str ensure_text assertCountEqual assertRaisesRegex assertRegex assertNotRegex
    python_2_unicode_compatible wraps advance_iterator
        """,
    )
)
"""What six provides, from its documentation."""


_MANY = 5
"""Number of earlier files that make a finished migration worth showing."""


class Detector:
    """Collects what is imported from compat modules, except in branches for one version of Python."""

    markers: Sequence[Marker] = ()

    def __init__(self) -> None:
        self._used: dict[str, Counter[str]] = defaultdict(Counter)
        self._six: set[str] = set()

    def read(self, file: PythonFile) -> None:
        for each in file.imports:
            parts = [*each.module.split("."), *filter(None, [each.name])]
            if "six" in parts[:-1] or parts[-1] == "six":
                self._six.add(".".join(parts[: parts.index("six") + 1]))
            elif (
                parts[-2:-1] and parts[-2] in _MODULES and each.name in PYTHON_2_NAMES and not each.is_branch
            ):
                self._used[each.module][each.name] += 1

    def ideas(self, survey: Survey) -> Iterator[Idea]:
        earlier = survey.past.use("six")
        if earlier and earlier.files >= _MANY:
            self._six.add("six")
        for module in sorted(self._six):
            if not any(module.startswith(f"{each}.") for each in self._six):
                yield _six(survey, module)
        for module, names in self._used.items():
            if set(names) & _SURE:
                yield _compat(survey, module, names)


def _six(survey: Survey, module: str) -> Idea:
    """A copy of six within a package is found by its module; six itself, without a dot, by its names."""
    names = [module] if "." in module else sorted({*_SIX, *survey.past.beneath("six")})
    what = module.rpartition(".")[2]
    rule = ProposedRule(
        identifier(what),
        "deprecated-symbol",
        {"symbols": names},
        f"{what} is needed only as long as Python 2 is supported",
        fixable=("unused-import",),
    )
    return Idea(
        f"python2:{module}",
        f"{module} → Python 3",
        f"{module} bridges Python 2 and 3. Python 3 alone has plain replacements for its names.",
        Evidence.OLD_PYTHON,
        (rule,),
        own_paths=_path_of(survey, module),
        past=survey.past.use(module),
    )


def _path_of(survey: Survey, module: str) -> frozenset[str]:
    known = survey.modules.get(module)
    return frozenset({known.path}) if known else frozenset()


def _compat(survey: Survey, module: str, names: Counter[str]) -> Idea:
    ordered = [name for name, _ in names.most_common()]
    every = set(names) | (survey.past.names(module) & PYTHON_2_NAMES)
    rule = ProposedRule(
        identifier(module.rpartition(".")[2], "python-2"),
        "deprecated-symbol",
        {"symbols": [f"{module}.{name}" for name in sorted(every)]},
        f"This name of {module} is needed only as long as Python 2 is supported",
    )
    return Idea(
        f"python2:{module}",
        f"Python 2 names of {module} → Python 3",
        f"{module} provides {counted(len(ordered), 'name')} for Python 2, such as {join_words(ordered[:4])}, "
        "which Python 3 has built in.",
        Evidence.OLD_PYTHON,
        (rule,),
        own_paths=_path_of(survey, module),
        past=survey.past.use(module),
    )
