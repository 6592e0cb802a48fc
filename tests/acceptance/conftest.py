import os
import shutil

import pytest
from operating import Checkout

from loadtest.errors import StartError
from loadtest.stack import engine


def pytest_collection_modifyitems(items):
    for item in items:
        if "acceptance" in item.path.parts:
            item.add_marker(pytest.mark.engine)
            item.add_marker(pytest.mark.timeout(600))  # the images are built in the first


@pytest.fixture(scope="session")
def generations():
    """Compose programs by generation; COMPOSE2 names a second beside the installed one."""
    found = {}
    if shutil.which("docker-compose"):
        found["installed"] = ["docker-compose"]
    elif shutil.which("docker"):
        found["installed"] = ["docker", "compose"]
    if os.environ.get("COMPOSE2"):
        found["second"] = [os.environ["COMPOSE2"]]
    try:
        engine.client()
    except StartError as error:
        nothing(str(error))
    if not found:
        nothing("neither docker-compose nor docker is installed")
    return found


def nothing(reason):
    """In CI an engine has to be there."""
    if os.environ.get("CI"):
        pytest.fail(f"no acceptance test can run: {reason}", pytrace=False)
    pytest.skip(f"needs a Docker engine and compose: {reason}")


@pytest.fixture(scope="session")
def checkout(generations):
    """The stack of this checkout, up and healthy; gone at the end."""
    running = Checkout(generations["installed"])
    try:
        running.call("build")
        running.call("build", "web", BUILD_TARGET="test")
        running.up()
        yield running
    finally:
        running.down()
        assert running.left() == [], "down -v leaves nothing behind"
