# syntax=docker/dockerfile:1
# The page of `fastgen web` as a service; docs/web.md describes it.

FROM python:3.14-slim AS environment
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY src src
COPY templates templates
RUN python -m venv /venv && /venv/bin/python -m pip install --no-cache-dir ".[web]"

FROM python:3.14-slim
RUN useradd --uid 10001 --no-create-home fastgen
COPY --from=environment /venv /venv
ENV PATH=/venv/bin:$PATH
USER 10001:10001
EXPOSE 8765
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD [ \
    "python", "-c", "import http.client; \
    client = http.client.HTTPConnection('127.0.0.1', 8765, timeout=2); \
    client.request('GET', '/health'); \
    raise SystemExit(client.getresponse().status != 200)"]
CMD ["fastgen", "web", "--host", "0.0.0.0", "--allow-remote", "--no-open"]
