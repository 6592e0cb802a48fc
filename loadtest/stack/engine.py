"""The Docker engine, through its SDK: a project's containers, and what is left of one."""

from contextlib import suppress
from functools import cache
from typing import Any

import docker
from docker.errors import DockerException, NotFound

from loadtest.errors import StartError

PROJECT = "com.docker.compose.project"
SERVICE = "com.docker.compose.service"
TIMEOUT_SECONDS = 60


@cache
def client() -> docker.DockerClient:
    """The engine of DOCKER_HOST, or this machine's. Raises StartError when none answers."""
    try:
        found = docker.from_env(timeout=TIMEOUT_SECONDS)
        found.ping()
    except DockerException as error:
        reason = str(error).splitlines()[0]
        raise StartError(f"no Docker engine answers ({reason}): start it, or use the local stack") from error
    return found


def containers(project: str, service: str | None = None) -> list[Any]:
    """The project's containers, whatever their state. Raises StartError."""
    labels = [f"{PROJECT}={project}"] + ([f"{SERVICE}={service}"] if service else [])
    try:
        return list(client().containers.list(all=True, filters={"label": labels}, ignore_removed=True))
    except DockerException as error:
        raise StartError(f"the Docker engine did not list the containers of {project}: {error}") from error


def remove_project(project: str) -> list[tuple[str, int]]:
    """Removes the project's containers, networks and volumes, by their labels; returns the containers' names and pids.

    Raises StartError when the engine does not answer, or something can't be removed.
    """
    removed = []
    labels = {"label": [f"{PROJECT}={project}"]}
    try:
        for container in containers(project):
            with suppress(NotFound):  # somebody else was quicker
                container.remove(force=True, v=True)
                removed.append((str(container.name), int(container.attrs["State"]["Pid"])))
        for network in client().networks.list(filters=labels):
            with suppress(NotFound):
                network.remove()
        for volume in client().volumes.list(filters=labels):
            with suppress(NotFound):
                volume.remove()
    except DockerException as error:
        raise StartError(f"what is left of the compose project {project} could not be removed: {error}") from error
    return removed
