"""Lists the packages that are installed from the lock files, with their licences and hashes."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).resolve().parents[1]

_PIN = re.compile(r"^(?P<pin>[\w.\[\],-]+==[^\s\\;]+)(?: ; (?P<marker>[^\\]+?))? *\\?$")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Package:
    """An installed package. `licence` is an SPDX expression, and `hashes` are the SHA-256 or SHA-512 digests
    of the files from which it may be installed. A tool only checks or builds the product.
    """

    ecosystem: str
    name: str
    version: str
    licence: str
    hashes: tuple[str, ...]
    is_tool: bool


@dataclass(frozen=True, slots=True)
class Pin:
    """One package in a lock file. `applies` is false if its marker excludes this machine."""

    name: str
    version: str
    hashes: tuple[str, ...]
    applies: bool


def read_lock(path: Path) -> dict[str, Pin]:
    """Return the packages of a lock file for pip, by their normalised names.

    Raises:
        ValueError: if a line is neither a pin nor a hash.
    """
    pins: dict[str, Pin] = {}
    last: Pin | None = None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if found := _HASH.search(text):
            if last is None:
                raise ValueError(f"{path.name}:{number}: a hash without a package")
            last = Pin(last.name, last.version, (*last.hashes, found[1]), last.applies)
        elif pinned := _PIN.match(text):
            marker = f" ; {pinned['marker']}" if pinned["marker"] else ""
            requirement = Requirement(pinned["pin"] + marker)
            applies = requirement.marker is None or requirement.marker.evaluate()
            version = pinned["pin"].partition("==")[2]
            last = Pin(canonicalize_name(requirement.name), version, (), applies)
        else:
            raise ValueError(f"{path.name}:{number}: neither a pinned package nor a hash: {text}")
        pins[last.name] = last
    return pins


def packages() -> list[Package]:
    """Return all installed packages of Python and npm, the product's before its tools."""
    found = [*_python_packages(), *_npm_packages()]
    return sorted(found, key=lambda each: (each.is_tool, each.ecosystem != "pypi", each.name.lower()))


@cache
def licence_rules() -> Mapping[str, Any]:
    """Return what deploy/licences.yaml says."""
    rules: Mapping[str, Any] = yaml.safe_load((PROJECT / "deploy" / "licences.yaml").read_text())
    return rules


def _python_packages() -> Iterator[Package]:
    product = read_lock(PROJECT / "requirements.lock")
    for pin in read_lock(PROJECT / "requirements-dev.lock").values():
        if pin.applies:
            found = metadata.distribution(pin.name)
            licence = _licence(pin.name, *_stated(found))
            yield Package("pypi", found.name, found.version, licence, pin.hashes, pin.name not in product)


def _npm_packages() -> Iterator[Package]:
    locked = json.loads((PROJECT / "package-lock.json").read_text())["packages"]
    for path, entry in locked.items():
        described = PROJECT / path / "package.json"
        if path and described.is_file():  # optional packages of other platforms aren't installed
            name = path.rpartition("node_modules/")[2]
            stated = json.loads(described.read_text()).get("license", "")
            yield Package(
                "npm",
                name,
                entry["version"],
                _licence(name, str(stated)),
                (entry["integrity"],),
                entry.get("dev", False),
            )


def _stated(found: metadata.Distribution) -> Iterator[str]:
    """Yield what a package says about its licence, the most precise first."""
    fields = found.metadata
    for name in ("License-Expression", "License"):
        yield from fields.get_all(name, [])
    for classifier in fields.get_all("Classifier", []):
        kind, _, words = classifier.rpartition(" :: ")
        if kind.startswith("License"):
            yield words


def _licence(name: str, *stated: str) -> str:
    """Return the SPDX expression of a package's licence, or an empty text if none is known."""
    rules = licence_rules()
    if known := rules["stated"].get(name):
        return str(known)
    for text in stated:
        spelt = str(rules["spellings"].get(text, text))
        if re.fullmatch(r"[\w.+() -]+", spelt) and set(identifiers(spelt)) <= _known_identifiers():
            return spelt
    return ""


def identifiers(expression: str) -> list[str]:
    """Return the SPDX ids in an expression."""
    return [word for word in re.findall(r"[\w.+-]+", expression) if word not in {"AND", "OR", "WITH"}]


def _known_identifiers() -> set[str]:
    rules = licence_rules()
    return {*rules["allowed"], *rules["tools_only"]}


def is_allowed(package: Package) -> bool:
    """Return whether the package's licence is on the list: all parts of it, or one of its alternatives."""
    rules = licence_rules()
    known = {*rules["allowed"], *(rules["tools_only"] if package.is_tool else ())}
    text = package.licence
    if not text:
        return False
    # Parentheses only occur around alternatives in the licences of packages: (A OR B) AND C.
    parts = re.split(r" AND (?![^(]*\))", text)
    return all(
        any(one in known for one in identifiers(part)) if " OR " in part else part in known for part in parts
    )
