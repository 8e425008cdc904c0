"""The snippets of deploy/ci: valid in their formats, and their commands run on a real repository.

Each is run as the service runs it: the lines of a job in one shell that stops at the first error, with the
variables that the service defines.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.scanner.distribution import PROJECT, copy, good_and_bad
from tests.scanner.gitdir import GitDir

pytestmark = pytest.mark.slow

SNIPPETS = PROJECT / "deploy" / "ci"
GITLAB = SNIPPETS / "gitlab" / "templates" / "ssot-check.yml"


@dataclass
class Job:
    """One run of a CI job: the commands, the variables of the service, and the report that they write."""

    commands: list[str]
    report: Path
    variables: dict[str, str] = field(default_factory=dict)


def package(place: Path) -> Path:
    """Return the wheel of the scanner, built once below the folder."""
    if not (place / "wheels").exists():
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", str(copy(place).path)]
        subprocess.run([*command, "--wheel-dir", str(place / "wheels")], check=True)
    (wheel,) = (place / "wheels").iterdir()
    return wheel


def gitlab(clone: GitDir, place: Path) -> Job:
    template = GITLAB.read_text().partition("\n---\n")[2]
    inputs = yaml.safe_load(GITLAB.read_text().partition("\n---\n")[0])["spec"]["inputs"]
    values = {name: (entry or {}).get("default", "") for name, entry in inputs.items()}
    values["package"] = str(package(place))
    text = re.sub(r"\$\[\[ inputs\.(\w+) \]\]", lambda match: values[match[1]], template)
    job = yaml.safe_load(text)["ssot-check"]
    known = {
        "CI_PROJECT_DIR": str(clone.path),
        "CI_COMMIT_SHA": clone.git("rev-parse", "HEAD"),
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": clone.git("merge-base", "origin/main", "HEAD"),
    }
    variables = {name: value or "" for name, value in job["variables"].items()}
    return Job(job["script"], clone.path / job["artifacts"]["reports"]["codequality"], {**known, **variables})


def bitbucket(clone: GitDir, place: Path) -> Job:
    pipelines = yaml.safe_load((SNIPPETS / "bitbucket-pipelines.yml").read_text())["pipelines"]
    ((only,),) = pipelines["pull-requests"].values()
    known = {
        "SSOT_PACKAGE": str(package(place)),
        "BITBUCKET_PR_DESTINATION_BRANCH": "main",
        "BITBUCKET_COMMIT": clone.git("rev-parse", "HEAD"),
    }
    (artifact,) = only["step"]["artifacts"]
    return Job(only["step"]["script"], clone.path / artifact, known)


def azure(clone: GitDir, place: Path) -> Job:
    steps = yaml.safe_load((SNIPPETS / "azure-pipelines.yml").read_text())["steps"]
    scripts = [step["bash"] for step in steps if "bash" in step]
    staging = place / "staging"
    known = {
        "SSOT_PACKAGE": str(package(place)),
        "AGENT_TEMPDIRECTORY": str(place / "agent"),
        "BUILD_ARTIFACTSTAGINGDIRECTORY": str(staging),
        "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main",
    }
    # Each script of Azure is a process of its own.
    scripts = [f"( set -e\n{script}\n)" for script in scripts]
    (published,) = [
        step["inputs"]["PathtoPublish"] for step in steps if "PublishBuild" in step.get("task", "")
    ]
    folder = published.replace("$(Build.ArtifactStagingDirectory)", str(staging))
    return Job(scripts, Path(folder) / "new.sarif", known)


@pytest.mark.parametrize("service", [gitlab, bitbucket, azure])
def test_the_job_fails_for_something_new_and_reports_it(
    tmp_path: Path, service: Callable[[GitDir, Path], Job]
) -> None:
    good_and_bad(tmp_path / "origin")
    for branch, code in (("good", 0), ("bad", 1)):
        clone = GitDir(tmp_path / branch)
        GitDir(tmp_path).git("clone", "-q", "--branch", branch, str(tmp_path / "origin"), str(clone.path))
        job = service(clone, tmp_path)

        done = run(job, clone.path, tmp_path)

        assert done.returncode == code, done.stdout + done.stderr
        assert ("app/c.py" in done.stdout) == (branch == "bad")
        assert paths(json.loads(job.report.read_text())) == ({"app/c.py"} if branch == "bad" else set())


def run(job: Job, folder: Path, place: Path) -> subprocess.CompletedProcess[str]:
    """Run the commands, with the absolute folders of the snippet below that of the test."""
    script = "\n".join(job.commands).replace("/tmp/", f"{place}/")
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env={**os.environ, **job.variables},
        capture_output=True,
        text=True,
        check=False,
    )


def paths(report: Any) -> set[str]:
    """Return the files that a SARIF or code quality report names."""
    if isinstance(report, list):
        return {problem["location"]["path"] for problem in report}
    results = report["runs"][0]["results"]
    locations = [location for result in results for location in result["locations"]]
    return {location["physicalLocation"]["artifactLocation"]["uri"] for location in locations}


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("vendor.github-actions", PROJECT / "action.yml"),
        ("vendor.github-workflows", SNIPPETS / "github-workflow.yml"),
        ("vendor.gitlab-ci", GITLAB),
        ("vendor.bitbucket-pipelines", SNIPPETS / "bitbucket-pipelines.yml"),
        ("vendor.azure-pipelines", SNIPPETS / "azure-pipelines.yml"),
    ],
)
def test_it_is_valid_in_its_format_and_a_mistake_is_not(schema: str, file: Path, tmp_path: Path) -> None:
    # A component is two documents: its inputs, and the configuration, which the schema describes.
    text = file.read_text().partition("\n---\n")[2] if file == GITLAB else file.read_text()
    right, wrong = tmp_path / f"right-{file.name}", tmp_path / f"wrong-{file.name}"
    right.write_text(text)
    value = yaml.safe_load(text)
    spoil(value)
    wrong.write_text(yaml.safe_dump(value))

    assert validate(schema, right).returncode == 0, validate(schema, right).stdout
    assert validate(schema, wrong).returncode == 1


def validate(schema: str, file: Path) -> subprocess.CompletedProcess[str]:
    # The schema of Azure has patterns that aren't valid in the Unicode mode of regular expressions.
    command = [sys.executable, "-m", "check_jsonschema", "--regex-variant", "nonunicode"]
    command += ["--builtin-schema", schema, str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def spoil(value: dict[str, Any]) -> None:
    """Make the mistake that a person makes: a list of commands or steps becomes a number."""
    for key, inner in value.items():
        if key in {"script", "steps"}:
            value[key] = 1
        elif isinstance(inner, dict):
            spoil(inner)
        elif isinstance(inner, list):
            for each in inner:
                if isinstance(each, dict):
                    spoil(each)
