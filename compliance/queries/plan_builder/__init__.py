"""The plan builder: a plan's text as an outline and forms, and the edits that a submitted form makes."""

from compliance.queries.plan_builder.actions import act
from compliance.queries.plan_builder.outline import Outline, outline
from compliance.queries.plan_builder.part import Part, field_id, part_of
from compliance.queries.plan_builder.submission import submitted

__all__ = ["Outline", "Part", "act", "field_id", "outline", "part_of", "submitted"]
