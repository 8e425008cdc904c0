"""Forms whose fields render with the classes of the pages, so that templates needn't repeat each input."""

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.widgets import Widget

from compliance.models import Repository


class StyledField(BoundField):
    """A field whose input has the classes of the pages, and is marked if its value is invalid."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: Widget | None = None) -> dict[str, Any]:
        """Return the attributes of the input."""
        found: dict[str, Any] = super().build_widget_attrs(attrs, widget)
        kind = "form-select" if isinstance(widget or self.field.widget, forms.Select) else "form-control"
        found["class"] = f"{kind} is-invalid" if self.errors else kind
        return found


class StyledForm(forms.Form):
    """A form whose fields `parts/form_field.html` shows."""

    bound_field_class = StyledField


class RepositoryChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # it takes none at run time
    """A choice of one repository, by its slug, or of all."""

    def __init__(self) -> None:
        super().__init__(
            Repository.objects.order_by("name"),
            required=False,
            to_field_name="slug",
            empty_label="All repositories",
            error_messages={"invalid_choice": "There is no such repository."},
        )


class _WithoutValue:
    """An input that never shows the stored or entered value, because it may be secret."""

    def format_value(self, _value: Any) -> None:
        """Return no value."""


class BlankInput(_WithoutValue, forms.TextInput):
    """A text input that is always empty when it is shown."""


class BlankTextarea(_WithoutValue, forms.Textarea):
    """A text area that is always empty when it is shown."""
