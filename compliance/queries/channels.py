"""The state of channels as pages and the API describe it."""

from compliance.models import Channel


def describe_state(channel: Channel) -> str:
    """Return the state of a channel: enabled or not, and how the last attempt to send a message went."""
    if not channel.is_enabled:
        return "disabled" if channel.disabled_reason == "" else "disabled automatically"
    if channel.is_failing:
        return "enabled; the last message failed"
    return "enabled" if channel.last_success_at else "enabled; no message has been sent yet"


def mark_of_state(channel: Channel) -> str:
    """Return the name of the mark beside the state of a channel, or an empty text for a neutral one."""
    if not channel.is_enabled or channel.is_failing:
        return "failed"
    return "done" if channel.last_success_at else ""
