"""The form for a connection to a forge or an issue tracker."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict

from compliance.integrations.apis import APIS
from compliance.models import Connection
from compliance.views.styled_forms import BlankTextarea, StyledForm


class ConnectionForm(StyledForm):
    """The values of a connection. `connections` checks them, because the API checks the same."""

    name = forms.CharField(required=False, widget=forms.TextInput({"required": True, "maxlength": 200}))
    slug = forms.CharField(
        label="Short name in URLs (optional)", required=False, widget=forms.TextInput({"maxlength": 50})
    )
    api_url = forms.CharField(
        label="API address", required=False, widget=forms.TextInput({"required": True, "maxlength": 1000})
    )
    prefixes = forms.CharField(
        label="Prefixes of issue keys",
        required=False,
        widget=forms.TextInput({"required": True, "placeholder": "SHOP, OPS"}),
    )
    account = forms.CharField(
        required=False, widget=forms.TextInput({"maxlength": 254, "autocomplete": "off"})
    )
    token = forms.CharField(required=False, widget=forms.PasswordInput({"autocomplete": "off"}))
    app_id = forms.CharField(
        label="Or: id of a GitHub App",
        required=False,
        widget=forms.TextInput({"inputmode": "numeric", "maxlength": 40}),
    )
    private_key = forms.CharField(
        label="Private key of the App",
        required=False,
        widget=BlankTextarea(
            {
                "rows": 2,
                "autocomplete": "off",
                "spellcheck": "false",
                "placeholder": "-----BEGIN RSA PRIVATE KEY-----",
            }
        ),
    )

    def __init__(
        self,
        provider: str,
        data: QueryDict | None,
        initial: Mapping[str, Any],
        existing: Connection | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial))
        api, fields = APIS[provider], self.fields
        kept = "(empty keeps the stored one)"
        fields["account"].label = api.ACCOUNT
        if existing:
            fields["token"].label = f"New token {kept}"
        if existing and existing.app_id:
            fields["private_key"].label = f"New private key {kept}"
        unused = {
            "slug": existing is not None,
            "prefixes": api.KIND != "tracker",
            "account": not api.ACCOUNT,
            **dict.fromkeys(("app_id", "private_key"), provider != "github"),
        }
        for name in [name for name, is_unused in unused.items() if is_unused]:
            del fields[name]

    @property
    def place(self) -> list[BoundField]:
        """Return the fields that say where the connection leads."""
        return self._shown("name", "slug", "api_url", "prefixes")

    @property
    def credentials(self) -> list[BoundField]:
        """Return the fields of the credentials."""
        return self._shown("account", "token", "app_id", "private_key")

    def _shown(self, *names: str) -> list[BoundField]:
        return [self[name] for name in names if name in self.fields]

    def values(self) -> dict[str, Any]:
        """Return the values of the fields that this provider has, without the short name."""
        names = [name for name in self.fields if name != "slug" and name in self.data]
        found: dict[str, Any] = {name: self.cleaned_data[name] for name in names}
        if "prefixes" in found:
            found["prefixes"] = found["prefixes"].replace(",", " ").split()
        return found
