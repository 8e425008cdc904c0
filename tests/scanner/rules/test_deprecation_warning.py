"""Warnings of deprecation that are still in place."""

import pytest

from tests.scanner.rules.tools import check_hits, check_silent, make_rule

WARNINGS = [
    "import warnings\nwarnings.warn('x', DeprecationWarning)  #! warning",
    "import warnings\nwarnings.warn('x', category=DeprecationWarning, stacklevel=2)  #! warning",
    "import warnings\nwarnings.warn('x', PendingDeprecationWarning)  #! warning",
    "import warnings\nwarnings.warn(DeprecationWarning('x'))  #! warning",
    "import warnings as w\nw.warn(  #! warning\n    'x',\n    DeprecationWarning,\n)",
    "from warnings import warn\nwarn('x', DeprecationWarning, 2)  #! warning",
    "from warnings import warn as say\nsay('x', DeprecationWarning)  #! warning",
    "import builtins, warnings\nwarnings.warn('x', builtins.DeprecationWarning)  #! warning",
    "def f():\n    import warnings\n    warnings.warn('x', DeprecationWarning)  #! warning",
    "import warnings\nwarnings.warn('x', app.AppDeprecationWarning)  #! warning",
    "warnings.warn('x', DeprecationWarning)  #! warning",
]

LOGS = [
    "logger.warning('get_factory is deprecated')  #! warning",
    "logging.info('DEPRECATED: %s', name)  #! warning",
    "self._log.error(f'{name} is Deprecated')  #! warning",
    "logging.getLogger(__name__).debug('deprecated')  #! warning",
    "app.logger.log(logging.WARN, 'deprecated')  #! warning",
    "LOG.exception('it is ' + 'deprecated')  #! warning",
    "log.critical(  #! warning\n    'a '\n    'deprecated thing',\n)",
    "logger.warn('{} is deprecated'.format(name))  #! warning",
    "logger.warning('%s is deprecated' % name)  #! warning",
    "logger.warning(msg='deprecated')  #! warning",
    "logger.warning('deprecated, DEPRECATED')  #! warning",
]

SILENCES = [
    "# warnings.warn('x', DeprecationWarning)",
    "def f():\n    '''warnings.warn('x', DeprecationWarning), deprecated, logging'''",
    "import warnings\nwarnings.warn('x is deprecated')",
    "import warnings\nwarnings.warn('x', FutureWarning)",
    "import warnings\nwarnings.warn('DeprecationWarning', UserWarning)",
    "import warnings\nwarnings.filterwarnings('ignore', category=DeprecationWarning)",
    "import warnings\nwarnings.warn('x', source=DeprecationWarning)",
    "raise DeprecationWarning('x')",
    "def warn(*a): pass\nwarn('x', DeprecationWarning)",
    "other.warn('x', DeprecationWarning)",
    "def f(warnings):\n    warnings.warn('x', DeprecationWarning)",
    "with pytest.warns(DeprecationWarning):\n    pass",
    "logger.info('called', extra={'state': 'deprecated'})",
    "logger.info('called %s', 'deprecated')",
    "logger.log('deprecated', 'fine')",
    "logger.info('deprecation is near')",
    "logger.add('deprecated')",
    "logger.info(name_of('x', deprecated=True))",
    "view.info('deprecated'); log = 1",
    "print('deprecated'); log = 1",
    "log('deprecated')",
    "# logger.warning('deprecated')",
]


@pytest.mark.parametrize("code", [*WARNINGS, *LOGS])
def test_reports(code: str) -> None:
    check_hits(make_rule("deprecation-warning"), code)


@pytest.mark.parametrize("code", SILENCES)
def test_stays_silent(code: str) -> None:
    check_silent(make_rule("deprecation-warning"), code)


def test_says_what_is_called_and_where() -> None:
    hits = check_hits(
        make_rule("deprecation-warning"),
        """
        from warnings import warn
        class Factory:
            def get(self):
                warn("gone", DeprecationWarning)  #! warning
                return self.logger.info("deprecated")  #! warning
        """,
    )["app/views.py"]
    assert [(hit.symbol, hit.scope, hit.location.column) for hit in hits] == [
        ("warnings.warn", "Factory.get", 9),
        ("app.views.Factory.logger.info", "Factory.get", 16),
    ]
