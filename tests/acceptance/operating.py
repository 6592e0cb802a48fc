"""The stack as an operator runs it: compose commands in a checkout, in a project of their own, and what they show."""

import json
import os
import secrets
import subprocess
import time

import docker
import requests

import config
from loadtest.stack import engine
from loadtest.stack.ports import HOST, free_port

SAMPLE = config.ROOT / "fixtures" / "samples" / "contacts-1000.csv"
SAMPLE_CONTACTS = 930
LOADTEST = ("--profile", "loadtest")
OPENPHONE_KEY = "acceptance"
# Asks the mock's admin API, which is not published: METHOD PATH [BODY].
ADMIN = """
import sys, urllib.request as r
method, path, *body = sys.argv[1:]
data = body[0].encode() if body else None
request = r.Request("http://127.0.0.1:8091/_mock/accounts/" + path, data, {"Content-Type": "application/json"}, method=method)
print(r.urlopen(request, timeout=60).read().decode())
"""  # noqa: E501


class Checkout:
    """*command* is the compose program; *env* what the operator has exported or written into .env."""

    def __init__(self, command, **env):
        self.command = command
        self.project = f"timeoutlab-acceptance-{secrets.token_hex(3)}"
        self.port = free_port()
        dropped = {*config.variables(), *config.variables(config.HarnessSettings), "GUNICORN_CMD_ARGS", "BUILD_TARGET"}
        inherited = {
            name: value for name, value in os.environ.items() if name not in dropped and not name.startswith("COMPOSE_")
        }
        self.env = {
            **inherited,
            "COMPOSE_PROJECT_NAME": self.project,
            "NGINX_PORT": str(self.port),
            "POSTGRES_PASSWORD": secrets.token_hex(12),
            "OPENPHONE_API_KEY": OPENPHONE_KEY,
            "OPENPHONE_RATE_PER_SECOND": "0",
            "OPENPHONE_SYNC": "inline",  # whoever imports syncs: both sides are there to be counted when it is done
            **env,
        }
        self.url = f"http://{HOST}:{self.port}"
        self._key = None

    def run(self, *arguments, **env):
        return subprocess.run(
            [*self.command, *arguments], cwd=config.ROOT, env={**self.env, **env}, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    def call(self, *arguments, **env):
        done = self.run(*arguments, **env)
        assert done.returncode == 0, f"{' '.join(arguments)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    def up(self, *options, **env):
        """`up -d`, with what the operator exports from now on; returns when everything is healthy."""
        self.env |= env
        self.call("up", "-d", *options)
        self.until_healthy()

    def until_healthy(self):
        def healths():
            found = [each.attrs["State"] for each in engine.containers(self.project)]
            assert all(state["Status"] == "running" for state in found), self.call("ps")
            return [state["Health"]["Status"] for state in found]

        while any(health != "healthy" for health in healths()):
            time.sleep(0.2)  # asking all the time would take a core from what is starting

    def containers(self, service):
        return engine.containers(self.project, service)

    def gunicorn(self):
        """What `exec web ps aux | grep gunicorn` shows."""
        return [line for line in self.call("exec", "-T", "web", "ps", "auxww").splitlines() if "bin/gunicorn" in line]

    def nginx_conf(self):
        return self.call("exec", "-T", "nginx", "cat", "/tmp/nginx/nginx.conf")

    def sql(self, query):
        """The rows of a query, each a list of texts."""
        password = f"PGPASSWORD={self.env['POSTGRES_PASSWORD']}"
        psql = ("psql", "-U", "timeoutlab", "-d", "timeoutlab", "-At", "-F", "\t", "-c", query)
        shown = self.call("exec", "-T", "-e", password, "db", *psql)
        return [line.split("\t") for line in shown.splitlines()]

    def openphone(self, method, path="", body=None):
        """The answer of the mock's admin API about the account."""
        words = [] if body is None else [json.dumps(body)]
        shown = self.call("exec", "-T", "openphone", "python", "-c", ADMIN, method, f"{OPENPHONE_KEY}{path}", *words)
        return json.loads(shown) if shown.strip() else {}

    def profile(self, **profile):
        """Empties the account and gives it a profile; without a limit unless that has one."""
        self.openphone("PUT", body={"limit": {"per_second": 0}, **profile})

    def empty(self):
        self.sql("TRUNCATE contacts, imports, lists CASCADE")
        self.profile()

    def both_sides(self):
        """Contacts in the database and in OpenPhone's store: (how many, how many different phones) of each."""
        [[count, different]] = self.sql("SELECT count(*), count(DISTINCT phone) FROM contacts")
        stored = [phone for contact in self.openphone("GET", "/contacts")["contacts"] for phone in contact["phones"]]
        return (int(count), int(different)), (len(stored), len(set(stored)))

    @property
    def auth(self):
        if self._key is None:
            self._key = self.call("exec", "-T", "web", "python", "-m", "app.admin", "create-key", "me").strip()
        return {"Authorization": f"Bearer {self._key}"}

    def upload(self, data=None, timeout=120, mode="sync"):
        return requests.post(
            f"{self.url}/api/imports", headers=self.auth, timeout=timeout,
            files={"file": ("list.csv", SAMPLE.read_bytes() if data is None else data)},
            data={"kind": "contacts", "mode": mode},
        )  # fmt: skip

    def newest(self):
        found = requests.get(f"{self.url}/api/imports?limit=1", headers=self.auth, timeout=60).json()["imports"][:1]
        return found[0] if found else None

    def resume(self, import_id):
        return requests.post(f"{self.url}/api/imports/{import_id}/resume", headers=self.auth, timeout=120)

    def load(self, **env):
        """`up -d` of Locust with two workers; `unload` ends it."""
        key = self.auth["Authorization"].removeprefix("Bearer ")
        started = {"TIMEOUTLAB_API_KEY": key, "LOCUST_PORT": str(free_port()), **env}
        self.call(*LOADTEST, "up", "-d", "--scale", "locust-worker=2", **started)
        return started

    def unload(self):
        self.call(*LOADTEST, "rm", "--stop", "--force", "locust", "locust-worker")

    def down(self):
        self.call(*LOADTEST, "down", "-v", "--remove-orphans")

    def left(self):
        """Names of what is left of the project on the engine."""
        labels = {"label": [f"{engine.PROJECT}={self.project}"]}
        client = docker.from_env()
        found = [*client.networks.list(filters=labels), *client.volumes.list(filters=labels)]
        return [each.name for each in (*engine.containers(self.project), *found)]
