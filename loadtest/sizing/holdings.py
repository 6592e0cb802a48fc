"""What an import makes beside contacts, as its kind goes: promised by the manifest, counted in the database."""

from fixtures.manifest import Manifest
from loadtest.sizing.record import Kill, Run
from loadtest.stack.base import Trial

# As manifests call them -> the table that has them. A link joins a property and a contact, a member is on a campaign.
TABLES = {"properties": "properties", "links": "property_contacts", "members": "campaign_members"}
OF_KIND = {"propertyradar": ("properties", "links"), "campaign": ("members",)}


def promised(manifest: Manifest) -> dict[str, int]:
    """The manifest's counts, as a `Run` or a `Kill` names them: properties_expected, ..."""
    return {f"{name}_expected": getattr(manifest, f"{name}_expected") for name in OF_KIND.get(manifest.kind, ())}


def held(trial: Trial, kind: str, when: str) -> dict[str, int]:
    """The database's counts: properties_db with *when* "db", ... Raises psycopg2.Error."""
    names = OF_KIND.get(kind, ())
    return {f"{name}_{when}": int(trial.sql(f"SELECT count(*) FROM {TABLES[name]}")[0][0]) for name in names}  # noqa: S608 - our own words


def of_run(run: Run) -> dict[str, tuple[int | None, int | None]]:
    """Name -> (promised, in the database); only what its kind has."""
    return _pairs(run, "db")


def of_kill(kill: Kill) -> dict[str, tuple[int | None, int | None]]:
    """The same after the resume."""
    return _pairs(kill, "after_resume")


def _pairs(source: Run | Kill, when: str) -> dict[str, tuple[int | None, int | None]]:
    pairs = {name: (getattr(source, f"{name}_expected"), getattr(source, f"{name}_{when}")) for name in TABLES}
    return {name: pair for name, pair in pairs.items() if pair != (None, None)}
