"""The scanner as others install it: the package, the pre-commit hook, the composite action, each run."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.scanner.distribution import PROJECT, copy, good_and_bad
from tests.scanner.gitdir import GitDir

pytestmark = pytest.mark.slow


@pytest.fixture
def repo(tmp_path: Path) -> GitDir:
    return good_and_bad(tmp_path / "repo")


def test_the_package_needs_exactly_what_the_requirements_pin() -> None:
    pinned = set((PROJECT / "requirements.txt").read_text().splitlines())
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    assert set(project["dependencies"]) <= pinned


def test_the_package_names_all_that_the_engine_imports() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    names = {re.split("[=<>]", line)[0].lower().replace("-", "_") for line in project["dependencies"]}
    modules = {"git": "gitpython", "yaml": "pyyaml"}
    imported: set[str] = set()
    for file in (PROJECT / "scanner").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(str(node.module).partition(".")[0])
    foreign = imported - sys.stdlib_module_names - {"scanner"}
    assert {modules.get(name, name) for name in foreign} == names


def test_every_package_file_names_the_same_license() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    front_end = json.loads((PROJECT / "package.json").read_text())
    locked = json.loads((PROJECT / "package-lock.json").read_text())["packages"][""]
    stated = f"SPDX-License-Identifier: {project['license']}\n"

    assert project["license"] == front_end["license"] == locked["license"] == "Apache-2.0"
    assert stated in (PROJECT / "LICENSE").read_text()


def test_the_hook_stops_a_push_of_something_new_and_lets_others_pass(repo: GitDir, tmp_path: Path) -> None:
    for branch, code in (("good", 0), ("bad", 1)):
        repo.git("checkout", "-q", branch)
        (repo.path / ".pre-commit-config.yaml").write_text(_configuration(tmp_path))
        repo.git("add", ".pre-commit-config.yaml")
        command = [
            sys.executable,
            "-m",
            "pre_commit",
            "run",
            "--all-files",
            "--hook-stage",
            "manual",
            "--verbose",
        ]
        environment = {**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "cache")}
        done = subprocess.run(
            command, cwd=repo.path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert ("app/c.py" in done.stdout) == (branch == "bad")
        repo.git("reset", "-q", "--hard")


def _configuration(place: Path) -> str:
    source = copy(place)
    return (
        f"repos:\n- repo: {source.path}\n  rev: {source.git('rev-parse', 'HEAD')}\n"
        "  hooks:\n  - {id: ssot-check, args: [--base, main]}\n"
    )


def test_the_action_fails_for_something_new_and_writes_it_for_code_scanning(
    repo: GitDir, tmp_path: Path
) -> None:
    install, check = yaml.safe_load((PROJECT / "action.yml").read_text())["runs"]["steps"]
    inputs = {
        "repository": str(repo.path),
        "base": "main",
        "plan": "",
        "server": "",
        "token": "",
        "sarif": str(tmp_path / "out.sarif"),
    }
    assert run_step(install, inputs, tmp_path).returncode == 0
    bad = run_step(check, {**inputs, "head": "bad"}, tmp_path)
    assert bad.returncode == 1
    assert "app/c.py" in bad.stdout
    assert '"ruleId": "old"' in (tmp_path / "out.sarif").read_text()
    good = run_step(check, {**inputs, "head": "good"}, tmp_path)
    assert good.returncode == 0
    assert "0 new" in good.stdout
    assert '"ruleId"' not in (tmp_path / "out.sarif").read_text()
    assert run_step(check, {**inputs, "head": "nowhere"}, tmp_path).returncode == 2


def test_no_input_of_the_action_is_pasted_into_a_script() -> None:
    for step in yaml.safe_load((PROJECT / "action.yml").read_text())["runs"]["steps"]:
        assert "${{" not in step["run"]


def run_step(step: dict[str, Any], inputs: dict[str, str], place: Path) -> subprocess.CompletedProcess[str]:
    """One step of the action, run as the runner does: `bash -e`, expressions in its environment filled in."""
    values = {f"inputs.{name}": value for name, value in inputs.items()}
    values |= {"github.action_path": str(copy(place).path), "runner.temp": str(place)}
    environment = {
        name: re.sub(r"\$\{\{ (.+?) \}\}", lambda match: values[match.group(1)], text)
        for name, text in step["env"].items()
    }
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    return subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
