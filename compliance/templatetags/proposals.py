"""What the page of proposals says of a candidate's figures."""

from django import template

from compliance.scans import Candidate

register = template.Library()


@register.filter
def counted_scope(candidate: Candidate) -> str:
    """Return the name of the files that a candidate's figures count."""
    return "production" if "production" in candidate.counted else "tests and examples"


@register.filter
def uncounted_places(candidate: Candidate) -> int:
    """Return the number of uses in files that a candidate's figures don't count."""
    return candidate.places - candidate.counted_places
