import re
import tomllib

import config

PROJECT = tomllib.loads((config.ROOT / "pyproject.toml").read_text())["project"]


def pins(name):
    """Distribution -> its pins: version, marker, hashes."""
    entries = re.split(r"\n(?=[a-z])", (config.ROOT / name).read_text())
    found = {}
    for entry in entries[1:]:
        pin = re.match(r"([a-z0-9._-]+)==(.+?) \\\n", entry)
        found.setdefault(pin[1], set()).add((pin[2], frozenset(re.findall("--hash=(sha256:[0-9a-f]{64})", entry))))
    return found


def names(requirements):
    return {re.match(r"[A-Za-z0-9_-]+", requirement)[0] for requirement in requirements}


def without_markers(found):
    """A marker may be wider in one file than in the other: fewer packages have their say on it."""
    return {(version.split(" ;")[0], hashes) for version, hashes in found}


def test_the_app_runs_in_production_on_what_it_was_tested_with_and_every_file_is_hashed():
    tested, shipped = pins("requirements.lock"), pins("requirements-app.lock")
    for name, found in shipped.items():
        assert without_markers(found) <= without_markers(tested[name])
        assert all(hashes for _, hashes in found)


def test_peers_come_on_top_of_what_is_tested_and_change_no_version_of_it():
    tested, peers = pins("requirements.lock"), pins("requirements-peers.lock")
    assert names(PROJECT["optional-dependencies"]["peers"]) <= set(peers)
    for name, found in peers.items():
        assert without_markers(found) <= without_markers(tested.get(name, found))
        assert all(hashes for _, hashes in found)
    assert "setproctitle" not in peers


def test_nothing_but_peers_needs_what_peers_are_made_of():
    shared = names(PROJECT["optional-dependencies"]["peers"]) & set(pins("requirements.lock"))
    assert shared == set()


def test_production_gets_the_apps_dependencies_and_nothing_of_the_harness():
    shipped = set(pins("requirements-app.lock"))
    assert names(PROJECT["dependencies"]) <= shipped
    harness = names(PROJECT["optional-dependencies"]["loadtest"]) | names(PROJECT["optional-dependencies"]["dev"])
    assert harness <= set(pins("requirements.lock"))
    # click comes with flask.
    assert harness & shipped == {"click"}
