"""Checks of an installation's settings: those of Django for a server that others reach, and HTTPS (`manage.py
doctor`).
"""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.core import checks

from compliance.management.diagnosis import Diagnosis, Level

_OF_HTTPS = frozenset(("security.W004", "security.W012", "security.W016"))
"""Checks of `manage.py check --deploy` that the setting HTTPS decides together."""


def examine_settings() -> Iterator[Diagnosis]:
    """Yield what `manage.py check --deploy` warns about, and whether pages are served over HTTPS."""
    of_https = []
    for found in checks.run_checks(include_deployment_checks=True):
        if found.is_silenced():
            continue
        if found.id in _OF_HTTPS:
            of_https.append(found.id)
            continue
        level = Level.ERROR if found.is_serious() else Level.WARNING
        yield Diagnosis(level, "Settings", f"{found.msg} ({found.id})", found.hint or "")
    yield _https(sorted(of_https))


def _https(failed: list[str]) -> Diagnosis:
    if not failed:
        duration = timedelta(seconds=settings.SECURE_HSTS_SECONDS)
        words = f"Cookies are sent over HTTPS only, and browsers use nothing else for {duration.days} days."
        return Diagnosis(Level.OK, "HTTPS", words)
    return Diagnosis(
        Level.WARNING,
        "HTTPS",
        "HTTPS is not set, so cookies are also sent over unencrypted connections, and browsers aren't told "
        f"to use HTTPS only ({', '.join(failed)}).",
        "Set HTTPS=1 if a proxy serves the pages over HTTPS and sets X-Forwarded-Proto.",
    )
