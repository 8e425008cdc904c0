"""Proposes names that exist only to support Python 2: those of six and of a project's own compat module."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from scanner.proposals.model import Evidence, Idea, ProposedRule
from scanner.proposals.naming import identifier
from scanner.proposals.python_file import PythonFile
from scanner.proposals.survey import Survey
from scanner.wording import counted, join_words

NAMES = frozenset(
    re.findall(
        r"\w+",
        """
    PY2 PY3 PY34 PY_2 PY_3 _PY3 _PY2 IS_PY2 IS_PY3 PYTHON3 py2k py3k py2 py3 string_types text_type
    binary_type integer_types class_types bytes_type unicode_type basestring unicode unichr
    unicode_compatible python_2_unicode_compatible long long_t range xrange zip map filter input reduce
    izip imap ifilter izip_longest zip_longest items keys values iteritems iterkeys itervalues viewitems
    viewkeys viewvalues iterlists nextfun next advance_iterator get_function_name get_method_self
    get_method_function create_bound_method reraise raise_from raise_ exec_ execfile print_
    with_metaclass add_metaclass b u s StringIO BytesIO cStringIO WhateverIO string string_t bytes_t
    text_t buffer_t ensure_str ensure_text ensure_binary to_str native_str nativeString bytes_if_py2
    module_name_t urlparse urlsplit quote unquote urlencode urljoin urlopen parse_url parse_qsl builtins
    configparser ConfigParser Queue Empty monotonic UserDict UserList callable iterbytes intToBytes
    lazyByteSlice networkString ioType int2byte byte2int indexbytes u_decode cPickle pickle http_client
    http_cookies http_cookiejar urllib queue getcwdu
        """,
    )
)
"""Names under which compat modules provide what differs between Python 2 and 3."""

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


class Detector:
    """Collects what is imported from compat modules."""

    def __init__(self) -> None:
        self._used: dict[str, Counter[str]] = defaultdict(Counter)
        self._six: dict[str, set[str]] = defaultdict(set)

    def read(self, file: PythonFile) -> None:
        for each in file.imports:
            parts = each.module.split(".")
            if "six" in parts:
                module = ".".join(parts[: parts.index("six") + 1])
                self._six[module].update({each.module, f"{each.module}.{each.name}"} - {module, f"{module}."})
            if (each.name or parts[-1]) == "six":
                module = f"{each.module}.six" if each.name else each.module
                used = re.findall(rb"\b%s\.(\w+)" % re.escape(each.bound.encode()), file.text)
                self._six[module].update(f"{module}.{name.decode()}" for name in used)
            elif parts[-1] in _MODULES and each.name in NAMES:
                self._used[each.module][each.name] += 1

    def ideas(self, survey: Survey) -> Iterator[Idea]:
        for module, used in self._six.items():
            if used:
                yield _six(module, sorted(each.rstrip(".") for each in used if "*" not in each))
        for module, names in self._used.items():
            if set(names) & _SURE:
                yield _compat(survey, module, names)


def _six(module: str, names: list[str]) -> Idea:
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
    )


def _compat(survey: Survey, module: str, names: Counter[str]) -> Idea:
    ordered = [name for name, _ in names.most_common()]
    rule = ProposedRule(
        identifier(module.rpartition(".")[2], "python-2"),
        "deprecated-symbol",
        {"symbols": [f"{module}.{name}" for name in sorted(names)]},
        f"This name of {module} is needed only as long as Python 2 is supported",
    )
    known = survey.modules.get(module)
    return Idea(
        f"python2:{module}",
        f"Python 2 names of {module} → Python 3",
        f"{module} provides {counted(len(ordered), 'name')} for Python 2, such as {join_words(ordered[:4])}, "
        "which Python 3 has built in.",
        Evidence.OLD_PYTHON,
        (rule,),
        own_paths=frozenset({known.path}) if known else frozenset(),
    )
