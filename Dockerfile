# One small image for the agent, the rule evaluator and the one-shot setup; it runs as nobody special.
FROM python:3.12-slim AS build
WORKDIR /src
COPY pyproject.toml README.md ./
COPY shipper shipper
COPY logstash logstash
COPY alert_rules alert_rules
COPY kibana_saved_objects kibana_saved_objects
COPY docker docker
COPY scripts/make-secrets scripts/make-secrets
COPY docs/runbooks docs/runbooks
COPY docker-compose.yml shipper.example.yml ./
RUN python -m venv /opt/shipper \
 && /opt/shipper/bin/pip install --no-cache-dir ".[rules,insights,certificates]"

FROM python:3.12-slim
RUN groupadd --gid 10001 shipper \
 && useradd --uid 10001 --gid shipper --home-dir /var/lib/shipper --shell /usr/sbin/nologin shipper \
 && install -d -o shipper -g shipper -m 0700 /var/lib/shipper
COPY --from=build /opt/shipper /opt/shipper
ENV PATH=/opt/shipper/bin:$PATH SHIPPER_HOME=/var/lib/shipper PYTHONUNBUFFERED=1
USER 10001:10001
VOLUME /var/lib/shipper
ENTRYPOINT ["shipper"]
CMD ["--help"]
