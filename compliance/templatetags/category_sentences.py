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
def uncounted_violations(snapshot: Snapshot, plan: PlanVersion | None) -> int:
    """Return the number of violations in categories that aren't counted."""
    counted = plan.counted if plan else []
    by_category = (snapshot.by or {}).get("category", {})
    return sum(violations for category, (violations, _) in by_category.items() if category not in counted)
