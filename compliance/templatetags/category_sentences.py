"""Says which categories a figure counts, so that figures of the same rule can be compared."""

from django import template

from compliance.lib.wording import join_names
from compliance.models import PlanVersion, Snapshot

register = template.Library()


@register.simple_tag
def counted_categories(plan: PlanVersion | None) -> str:
    """Return the names of the categories that a plan counts."""
    return join_names(plan.counted) if plan else ""


@register.simple_tag
def uncounted_violations(snapshot: Snapshot, plan: PlanVersion | None) -> str:
    """Return the violations in categories that aren't counted, such as `12 more in tests`, or nothing."""
    counted = plan.counted if plan else []
    found = [
        f"{violations:,} more in {category}"
        for category, (violations, _) in (snapshot.by or {}).get("category", {}).items()
        if violations and category not in counted
    ]
    return join_names(found)
