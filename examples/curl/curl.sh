#!/bin/sh
# Sends the shop's telemetry by OTLP/HTTP, and fails unless such a span, the log record and such a data point are there.
set -eu
cd "$(dirname "$0")"
endpoint=${OTEL_EXPORTER_OTLP_ENDPOINT:-http://localhost:4318}

post() {
  curl --silent --show-error --fail-with-body -H 'content-type: application/json' -d "$2" "$endpoint/$1"
  echo
}

for signal in traces logs metrics; do
  post "v1/$signal" "@$signal.json"
done

post obsvty.v1.QueryService/WaitFor '{"spans": {"name": "charge card", "statusCode": "STATUS_CODE_ERROR"}, "timeout": "5s"}'
post obsvty.v1.QueryService/WaitFor '{"logs": {"traceId": "5b8efff798038103d269b633813fc60c"}, "timeout": "5s"}'
post obsvty.v1.QueryService/WaitFor '{"metrics": {"name": "shop.orders"}, "timeout": "5s"}'
