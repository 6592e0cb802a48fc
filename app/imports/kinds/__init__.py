"""The kinds of CSV that can be imported."""

from collections.abc import Mapping

from app.imports.kinds import campaign, contacts, propertyradar
from app.imports.kinds.kind import Kind

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (contacts.KIND, propertyradar.KIND, campaign.KIND)}
