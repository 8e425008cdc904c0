"""The form for a channel."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from compliance.notifications import channel_setup
from compliance.notifications.channels import CHANNELS
from compliance.views.styled_forms import BlankInput, RepositoryChoice, StyledForm


class ChannelForm(StyledForm):
    """The values of a channel. `channel_setup` checks them, because the API checks the same."""

    name = forms.CharField(
        required=False,
        widget=forms.TextInput({"required": True, "maxlength": channel_setup.LONGEST_NAME}),
    )
    url = forms.CharField(required=False, widget=BlankInput({"maxlength": 2000, "autocomplete": "off"}))
    secret = forms.CharField(
        label="Secret (empty generates one)",
        required=False,
        widget=forms.PasswordInput({"maxlength": 200, "placeholder": "whsec_…", "autocomplete": "off"}),
    )
    repository = RepositoryChoice()

    def __init__(
        self, kind: str, data: QueryDict | None, initial: Mapping[str, Any], *, is_new: bool
    ) -> None:
        super().__init__(data, initial=dict(initial))
        address = CHANNELS[kind].ADDRESS
        self.fields["url"].label = address if is_new else f"{address} (empty keeps the stored one)"
        self.fields["url"].widget.attrs["required"] = is_new
        if not (is_new and CHANNELS[kind].SIGNS):
            del self.fields["secret"]
