# Packages are installed where compilers could be, and copied to where none are.
FROM python:3.12-slim AS pakete
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements/run.txt requirements/run.txt
RUN python -m venv /venv \
    && /venv/bin/pip install --require-hashes --only-binary :all: -r requirements/run.txt

FROM python:3.12-slim AS portal
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin portal
COPY --from=pakete /venv /venv
COPY manage.py ./
COPY betrieb/gunicorn.conf.py betrieb/healthcheck.py betrieb/
COPY static static
COPY templates templates
COPY portal portal
COPY members members
COPY events events
COPY campaigns campaigns
# Settings want values; none of these is kept or reached.
RUN env SECRET_KEY=build BASE_URL=https://build.invalid DATABASE_URL=postgres://build/build \
        REDIS_URL=redis://build EMAIL_URL=smtp://build:25 \
        ERASURE_LEDGER=/loeschliste/geloescht.txt AUDIT_HEADS=/protokoll/staende \
        python manage.py collectstatic --noinput -v 0 \
    && python -m compileall -q /app \
    && install -d -o 10001 -g 10001 -m 700 /protokoll
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["python", "betrieb/healthcheck.py"]
CMD ["gunicorn", "portal.wsgi", "--config", "betrieb/gunicorn.conf.py"]

# The image's own user is root and owns the folder of the certificates.
FROM caddy:2 AS proxy
COPY betrieb/Caddyfile /etc/caddy/Caddyfile
RUN chown -R 1000:1000 /data /config
USER 1000:1000
HEALTHCHECK --interval=30s --timeout=5s CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:2019/config/"]

# pg_dump must not be older than the server, so both are the same image.
FROM postgres:17 AS sicherung
# Whatever gnupg the base image's Debian has.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends gnupg \
    && rm -rf /var/lib/apt/lists/*
COPY --chmod=755 betrieb/tresor.sh betrieb/sichern.sh betrieb/zurueckspielen.sh /usr/local/bin/
USER 999:999
HEALTHCHECK --interval=5m --timeout=10s --start-period=10m CMD ["sichern.sh", "pruefen"]
ENTRYPOINT []
CMD ["sichern.sh", "taeglich"]
