#!/bin/sh
# Sends the shop's telemetry by OTLP/gRPC, and fails unless the span and the log record of the failure are there.
set -eu
cd "$(dirname "$0")"
endpoint=${OTEL_EXPORTER_OTLP_ENDPOINT:-http://localhost:4317}
collector=opentelemetry.proto.collector

call() {
  grpcurl -plaintext -d @ "${endpoint#http://}" "$1"
}

# The JSON of protobuf has ids in base64, that of OTLP in hex.
with_base64_ids() {
  sed -e 's|5b8efff798038103d269b633813fc60c|W47/95gDgQPSabYzgT/GDA==|' \
    -e 's|eee19b7ec3c1b174|7uGbfsPBsXQ=|' -e 's|eee19b7ec3c1b175|7uGbfsPBsXU=|' "$1"
}

with_base64_ids traces.json | call $collector.trace.v1.TraceService/Export
with_base64_ids logs.json | call $collector.logs.v1.LogsService/Export
with_base64_ids metrics.json | call $collector.metrics.v1.MetricsService/Export

echo '{"spans": {"name": "charge card", "statusCode": "STATUS_CODE_ERROR"}, "timeout": "5s"}' |
  call obsvty.v1.QueryService/WaitFor
echo '{"logs": {"traceId": "5b8efff798038103d269b633813fc60c"}, "timeout": "5s"}' |
  call obsvty.v1.QueryService/WaitFor
echo '{"metrics": {"name": "shop.orders"}, "timeout": "5s"}' | call obsvty.v1.QueryService/WaitFor
