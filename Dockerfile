# The monitor as a container: not root, its data in /data, its config mounted at /app/config.
FROM python:3.13-slim

RUN useradd --create-home --uid 10001 monitor && mkdir -m 0700 /data && chown monitor /data
WORKDIR /app
COPY requirements/run.txt requirements/run.txt
RUN python -m pip install --no-cache-dir --only-binary :all: --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY monitor monitor
RUN python -m pip install --no-cache-dir --no-deps --no-build-isolation .
COPY config config

USER monitor
ENV MONITOR_CONFIG=/app/config MONITOR_DATABASE_URL=sqlite:////data/monitor.db PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8600
STOPSIGNAL SIGTERM
# A worker without a console has nothing to ask; docker-compose.yml gives workers a check of their own.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8600/healthz', timeout=4)"]
CMD ["monitor", "run"]
