"""The bill of materials, as CycloneDX 1.6 in JSON (https://cyclonedx.org/docs/1.6/json/)."""

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component as Part
from cyclonedx.model.component import ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from freeze.components import OWN, Component


def bill_of(components: Iterable[Component], version: str, built: int) -> str:
    """The bill of a version of the program.

    Args:
        components: What it ships.
        version: Its version.
        built: Seconds since 1970 of the commit that it was built from, so that the same commit gives the same bill.
    """
    program = Part(name=OWN, version=version, type=ComponentType.APPLICATION, bom_ref=OWN)
    bill = Bom(components=[_part(one) for one in components])
    bill.metadata.component = program
    bill.metadata.timestamp = datetime.fromtimestamp(built, UTC)
    bill.serial_number = uuid.uuid5(uuid.NAMESPACE_URL, f"{OWN}-{version}-{built}")
    bill.register_dependency(program, bill.components)
    return str(JsonV1Dot6(bill).output_as_string(indent=2))


def _part(one: Component) -> Part:
    url = PackageURL("pypi", name=one.name.lower(), version=one.version)
    return Part(
        name=one.name,
        version=one.version,
        type=ComponentType.LIBRARY,
        bom_ref=f"{one.name}-{one.version}",
        purl=None if one.name == "Python" else url,
        licenses=[LicenseFactory().make_from_string(one.licence)],
        external_references=[ExternalReference(type=ExternalReferenceType.WEBSITE, url=XsUri(one.url))]
        if one.url
        else [],
    )
