"""Writes the software bill of materials: `make sbom`, which needs what `make lint` installs.

The result, build/sbom/ssot-compliance.cdx.json, is in CycloneDX 1.6 and lists the installed packages of
Python and npm with their versions, licences and hashes. Tools that only check or build the product have the
scope `excluded`.
"""

import sys
import tomllib
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))  # a script finds only modules in its own folder

from deploy.inventory import Package, packages  # noqa: E402


def main() -> None:
    """Write the file and print its path. An argument names another folder than build/sbom."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else PROJECT / "build" / "sbom"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "ssot-compliance.cdx.json"
    target.write_text(document())
    sys.stdout.write(f"{target}\n")


def document() -> str:
    """Return the bill of materials as JSON."""
    bom = Bom()
    licences = LicenseFactory()
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"]
    product = Component(
        name="ssot-compliance",
        version=version,
        type=ComponentType.APPLICATION,
        licenses=[licences.make_from_string("Apache-2.0")],
        bom_ref="ssot-compliance",
    )
    bom.metadata.component = product
    components = [_component(package, licences) for package in packages()]
    for component in components:
        bom.components.add(component)
    bom.register_dependency(product, [each for each in components if each.scope == ComponentScope.REQUIRED])
    refs = sorted(str(component.purl) for component in components)
    bom.serial_number = uuid5(NAMESPACE_URL, "\n".join(refs))
    return JsonV1Dot6(bom).output_as_string(indent=2)


def _component(package: Package, licences: LicenseFactory) -> Component:
    namespace, _, name = package.name.rpartition("/")
    purl = PackageURL(package.ecosystem, namespace or None, name, package.version)
    return Component(
        name=name,
        group=namespace or None,
        version=package.version,
        purl=purl,
        bom_ref=str(purl),
        type=ComponentType.LIBRARY,
        scope=ComponentScope.EXCLUDED if package.is_tool else ComponentScope.REQUIRED,
        licenses=[licences.make_from_string(package.licence)],
        hashes=list(_hashes(package)),
    )


def _hashes(package: Package) -> Iterator[HashType]:
    """Yield the hash of an npm package. A package of PyPI has several files, one of which was installed."""
    for digest in package.hashes if package.ecosystem == "npm" else ():
        algorithm, _, value = digest.partition("-")
        if algorithm == "sha512":
            yield HashType(alg=HashAlgorithm.SHA_512, content=b64decode(value).hex())


if __name__ == "__main__":
    main()
