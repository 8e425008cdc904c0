"""The topics about which people and channels are notified, a few in each module. They are discovered."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import cast

from compliance.notifications.topic import Topic, TopicModule


def _topics() -> Mapping[str, Topic]:
    names = sorted(module.name for module in iter_modules(__path__))
    modules = (cast("TopicModule", import_module(f"{__name__}.{name}")) for name in names)
    found = [topic for module in modules for topic in module.TOPICS]
    by_name = {topic.name: topic for topic in found}
    if len(by_name) < len(found):
        raise ValueError("Two topics have the same name.")
    return dict(sorted(by_name.items()))


TOPICS = _topics()
"""Maps the name stored with each event to its topic, in alphabetical order."""
