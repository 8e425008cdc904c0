"""Reads a piece of YAML that a form holds, such as an ast-grep rule."""

from typing import Any

import yaml

from scanner.planfile.errors import PlanError
from scanner.planfile.yaml_nodes import compose


def read_fragment(text: str) -> Any:
    """Return the value of a piece of YAML, within the limits of a plan; the text itself if it isn't YAML."""
    try:
        compose(text, "fragment")
        return yaml.safe_load(text)
    except (PlanError, yaml.YAMLError, ValueError):
        return text
