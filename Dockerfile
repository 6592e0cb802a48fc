# Three images from one file: loadtest (the mock, Locust, the harness), test (the app with its tests), runtime (the app alone;
# the last one, so that it is what a plain `docker build .` makes).
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS base
# procps: operators look for --timeout with ps. tini: reaps, and passes SIGTERM on to gunicorn's arbiter.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends procps tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --home-dir /tmp timeoutlab \
    # For a volume, which is its owner's from then on.
    && install --directory --owner=timeoutlab --mode=700 /var/lib/timeoutlab
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 VIRTUAL_ENV=/opt/venv PATH=/opt/venv/bin:$PATH
WORKDIR /srv/timeoutlab
ENTRYPOINT ["tini", "--"]

FROM base AS app-packages
COPY requirements-app.lock ./
RUN python -m venv /opt/venv \
    && pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements-app.lock

FROM base AS all-packages
COPY requirements.lock ./
RUN python -m venv /opt/venv \
    && pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock

FROM base AS loadtest
COPY --from=all-packages /opt/venv /opt/venv
COPY config.py ./
COPY fixtures fixtures
COPY loadtest loadtest
# A volume mounted here is the user's, as the directory is.
RUN install --directory --owner=timeoutlab --group=timeoutlab /var/lib/timeoutlab
USER timeoutlab
CMD ["python", "-m", "loadtest.openphone", "--host", "0.0.0.0", "--port", "8091"]

FROM base AS test
COPY --from=all-packages /opt/venv /opt/venv
COPY . ./
# The root file system may be read-only: what tests write goes to /tmp.
ENV TIMEOUTLAB_HOME=/tmp/timeoutlab HYPOTHESIS_STORAGE_DIRECTORY=/tmp/hypothesis PYTEST_ADDOPTS="-p no:cacheprovider"
USER timeoutlab
CMD ["./entrypoint.sh", "web"]

FROM base AS runtime
COPY --from=app-packages /opt/venv /opt/venv
COPY config.py entrypoint.sh ./
COPY app app
USER timeoutlab
CMD ["./entrypoint.sh", "web"]
