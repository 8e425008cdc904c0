"""The plans that are measured: one rule of two symbols, and the same with a rule of every kind."""

from pathlib import Path

import yaml

ONE_RULE = """\
version: 1
name: "One deprecated accessor"
target_percent: 95.0
rules:
  - id: accessor
    kind: deprecated-symbol
    symbols: [{symbols}]
"""


def symbols(plan: Path) -> list[str]:
    """The first two symbols of the plan's first deprecated-symbol rule. Raises SystemExit without one."""
    for rule in yaml.safe_load(plan.read_text())["rules"]:
        if rule["kind"] == "deprecated-symbol":
            return [str(symbol) for symbol in rule["symbols"][:2]]
    raise SystemExit(f"{plan}: has no deprecated-symbol rule to compare with other tools")


def one_rule(folder: Path, names: list[str]) -> Path:
    """Write the plan with that one rule; gives its path."""
    path = folder / "one-rule.yaml"
    path.write_text(ONE_RULE.format(symbols=", ".join(names)))
    return path


def ruff_configuration(folder: Path, names: list[str]) -> Path:
    """Write a ruff configuration that bans the same symbols (TID251); gives its path."""
    path = folder / "ruff.toml"
    banned = "".join(f'"{name}".msg = "deprecated"\n' for name in names)
    path.write_text(f"[lint.flake8-tidy-imports.banned-api]\n{banned}")
    return path


def semgrep_rules(folder: Path, names: list[str]) -> Path:
    """Write two semgrep rules for calls of the same symbols; gives their path."""
    path = folder / "semgrep.yaml"
    rules = [
        {
            "id": f"deprecated-{number}",
            "languages": ["python"],
            "severity": "WARNING",
            "message": "deprecated",
            "pattern": f"{name}(...)",
        }
        for number, name in enumerate(names)
    ]
    path.write_text(yaml.safe_dump({"rules": rules}))
    return path
