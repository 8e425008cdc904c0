"""What is installed: pinned with hashes, licensed as permitted, and listed in a bill of materials."""

import hashlib
import json
import re
import subprocess
import sys
from base64 import b64decode
from importlib import metadata
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.utils import canonicalize_name

from deploy import inventory, locks, sbom
from deploy.inventory import Package

PROJECT = Path(__file__).resolve().parents[1]
LOCKS = (
    "requirements.lock",
    "requirements-dev.lock",
    "deploy/requirements-build.lock",
    "deploy/requirements-node.lock",
)


@pytest.fixture(scope="module")
def installed() -> list[Package]:
    return inventory.packages()


def test_the_lock_files_were_made_from_the_requirements() -> None:
    assert list(locks.problems()) == []


def test_another_version_and_a_missing_package_are_told(tmp_path: Path) -> None:
    files = {
        "requirements.txt": "Django==5.2.19\nredis==8.1.0\n",
        "requirements.lock": "django==5.2.18 \\\n    --hash=sha256:00\n",
        "requirements-dev.txt": "-r requirements.txt\n",
        "requirements-dev.lock": "",
    }
    (tmp_path / "deploy").mkdir()
    for name in ("build", "node"):
        (tmp_path / "deploy" / f"requirements-{name}.txt").touch()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert list(locks.problems(tmp_path)) == [
        "requirements.txt has django==5.2.19, but requirements.lock has django==5.2.18.",
        "requirements.txt has redis==8.1.0, but requirements.lock has nothing.",
    ]


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_is_pinned_with_hashes_and_no_registry_is_named(name: str) -> None:
    pins = inventory.read_lock(PROJECT / name)
    assert pins
    assert [pin.name for pin in pins.values() if not pin.hashes] == []
    text = (PROJECT / name).read_text()
    assert "://" not in text
    assert "--index" not in text


def test_the_tools_are_locked_with_the_same_versions_as_the_product() -> None:
    product = inventory.read_lock(PROJECT / "requirements.lock")
    tools = inventory.read_lock(PROJECT / "requirements-dev.lock")
    assert {name: pin.version for name, pin in product.items()} == {
        name: tools[name].version for name in product if name in tools
    }


def test_a_line_that_is_neither_a_pin_nor_a_hash_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("django>=5\n")
    with pytest.raises(ValueError, match=r"lock:1: neither a pinned package nor a hash: django>=5"):
        inventory.read_lock(tmp_path / "lock")


def test_npm_packages_have_hashes_and_no_addresses() -> None:
    locked = json.loads((PROJECT / "package-lock.json").read_text())["packages"]
    for path, entry in locked.items():
        if path:
            assert entry["integrity"].startswith("sha512-"), path
            assert "resolved" not in entry, path


def test_what_is_installed_is_what_is_locked() -> None:
    pins = inventory.read_lock(PROJECT / "requirements-dev.lock")
    found = {pin.name: metadata.version(pin.name) for pin in pins.values() if pin.applies}
    assert found == {pin.name: pin.version for pin in pins.values() if pin.applies}


def test_every_licence_is_permitted(installed: list[Package]) -> None:
    refused = [
        f"{each.name}: {each.licence or 'unknown'}" for each in installed if not inventory.is_allowed(each)
    ]
    assert refused == [], "See deploy/licences.yaml."
    assert len(installed) > 200


@pytest.mark.parametrize(
    ("licence", "is_tool", "expected"),
    [
        ("MIT", False, True),
        ("MIT AND PSF-2.0", False, True),
        ("GPL-3.0-or-later", False, False),
        ("GPL-3.0-or-later", True, True),
        ("MIT AND GPL-3.0-or-later", False, False),
        ("Apache-2.0 OR GPL-2.0-only", False, True),
        ("MPL-2.0 AND (Apache-2.0 OR GPL-2.0-only)", False, True),
        ("GPL-2.0-only AND (Apache-2.0 OR MIT)", False, False),
        ("AGPL-3.0-only", True, False),
        ("", False, False),
    ],
)
def test_expressions_are_judged(licence: str, is_tool: bool, expected: bool) -> None:
    assert inventory.is_allowed(Package("pypi", "some", "1", licence, (), is_tool)) == expected


def test_no_rule_on_licences_is_idle(installed: list[Package]) -> None:
    rules = inventory.licence_rules()
    used = {one for each in installed for one in inventory.identifiers(each.licence)}
    assert {*rules["allowed"], *rules["tools_only"]} <= used
    assert set(rules["stated"]) <= {each.name for each in installed} | {
        canonicalize_name(each.name) for each in installed
    }


def test_the_bill_of_materials_is_valid_and_complete(installed: list[Package]) -> None:
    text = sbom.document()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    listed = json.loads(text)["components"]
    assert {(each.get("group", ""), each["name"], each["version"]) for each in listed} == {
        (*each.name.rpartition("/")[::2], each.version) for each in installed
    }
    product = {each["purl"] for each in listed if each["scope"] == "required"}
    assert any(purl.startswith("pkg:pypi/django@") for purl in product)
    assert any(purl.startswith("pkg:npm/chart.js@") for purl in product)
    assert not any(purl.startswith("pkg:pypi/pytest@") for purl in product)
    assert all(each["licenses"] for each in listed)
    again = sbom.document()
    assert again.replace(_time(again), "") == text.replace(_time(text), "")


def _time(text: str) -> str:
    return str(json.loads(text)["metadata"]["timestamp"])


def test_the_update_bot_s_file_is_valid() -> None:
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.renovate",
        "renovate.json",
    ]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_security_policy_names_the_supported_versions() -> None:
    version = re.findall(r'^version = "(\d+\.\d+)', (PROJECT / "pyproject.toml").read_text(), re.MULTILINE)[0]
    assert f"| {version}.x | yes |" in (PROJECT / "SECURITY.md").read_text()


def test_npm_digests_are_those_of_the_bill_of_materials(installed: list[Package]) -> None:
    (chart,) = [each for each in installed if each.name == "chart.js"]
    listed = json.loads(sbom.document())["components"]
    (component,) = [each for each in listed if each["name"] == "chart.js"]
    digest = b64decode(chart.hashes[0].removeprefix("sha512-"))
    assert len(digest) == hashlib.sha512().digest_size
    assert component["hashes"] == [{"alg": "SHA-512", "content": digest.hex()}]
