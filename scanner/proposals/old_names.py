"""Lists names and packages that newer versions of Python, or other packages, replace."""

import re
from collections.abc import Mapping
from typing import NamedTuple


class Old(NamedTuple):
    """What replaces an old name, and why. `is_same` says that a call can stay as it is under the new name."""

    new: str
    why: str
    is_same: bool = False


NAMES: Mapping[str, Old] = {
    "asyncio.coroutine": Old("async def", "removed in Python 3.11"),
    "asyncio.iscoroutinefunction": Old("inspect.iscoroutinefunction", "deprecated since Python 3.14", True),
    "datetime.datetime.utcfromtimestamp": Old(
        "datetime.datetime.fromtimestamp(…, datetime.UTC)", "deprecated since Python 3.12"
    ),
    "datetime.datetime.utcnow": Old("datetime.datetime.now(datetime.UTC)", "deprecated since Python 3.12"),
    "importlib.resources.open_text": Old("importlib.resources.files", "deprecated since Python 3.11"),
    "importlib.resources.read_text": Old("importlib.resources.files", "deprecated since Python 3.11"),
    "inspect.getargspec": Old("inspect.signature", "removed in Python 3.11"),
    "locale.getdefaultlocale": Old("locale.getlocale", "deprecated since Python 3.11"),
    "logging.warn": Old("logging.warning", "deprecated since Python 3.3", True),
    "pkgutil.find_loader": Old("importlib.util.find_spec", "removed in Python 3.14"),
    "pkgutil.get_loader": Old("importlib.util.find_spec", "removed in Python 3.14"),
    "ssl.wrap_socket": Old("ssl.SSLContext.wrap_socket", "removed in Python 3.12"),
    "threading.currentThread": Old("threading.current_thread", "deprecated since Python 3.10", True),
    "threading.activeCount": Old("threading.active_count", "deprecated since Python 3.10", True),
    "time.clock": Old("time.perf_counter", "removed in Python 3.8"),
    "unittest.makeSuite": Old("unittest.TestLoader.loadTestsFromTestCase", "removed in Python 3.13"),
    "os.errno": Old("errno", "removed in Python 3.7"),
    "cgi.escape": Old("html.escape", "removed in Python 3.8", True),
    "collections.Mapping": Old("collections.abc.Mapping", "removed in Python 3.10", True),
    "collections.MutableMapping": Old("collections.abc.MutableMapping", "removed in Python 3.10", True),
    "collections.Iterable": Old("collections.abc.Iterable", "removed in Python 3.10", True),
    "collections.Callable": Old("collections.abc.Callable", "removed in Python 3.10", True),
    "collections.Sequence": Old("collections.abc.Sequence", "removed in Python 3.10", True),
    "collections.Set": Old("collections.abc.Set", "removed in Python 3.10", True),
    "collections.Iterator": Old("collections.abc.Iterator", "removed in Python 3.10", True),
    "collections.Hashable": Old("collections.abc.Hashable", "removed in Python 3.10", True),
}
"""From “Deprecated” and “Removed” in What's New in Python 3.3 to 3.14."""

MODULES: Mapping[str, Old] = {
    "asyncore": Old("asyncio", "removed in Python 3.12"),
    "asynchat": Old("asyncio", "removed in Python 3.12"),
    "cgi": Old("email.message and urllib.parse", "removed in Python 3.13"),
    "distutils": Old("setuptools or sysconfig", "removed in Python 3.12"),
    "imp": Old("importlib", "removed in Python 3.12"),
    "mock": Old("unittest.mock", "part of the standard library since Python 3.3", True),
    "nose": Old("pytest", "unmaintained since 2015"),
    "mox": Old("unittest.mock", "unmaintained"),
    "pipes": Old("shlex and subprocess", "removed in Python 3.13"),
    "pkg_resources": Old("importlib.metadata and importlib.resources", "deprecated by setuptools"),
    "pytz": Old("zoneinfo", "part of the standard library since Python 3.9"),
    "smtpd": Old("aiosmtpd", "removed in Python 3.12"),
    "telnetlib": Old("another library", "removed in Python 3.13"),
    "toml": Old("tomllib", "unmaintained; the standard library reads TOML since Python 3.11"),
    "unittest2": Old("unittest", "part of the standard library since Python 3.2", True),
    "importlib_metadata": Old("importlib.metadata", "part of the standard library since Python 3.8", True),
    "typing.io": Old("typing", "removed in Python 3.13", True),
}
"""Modules and packages that a newer standard library or another package replaces."""

PYTHON_2_NAMES = frozenset(
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
