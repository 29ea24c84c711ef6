#!/usr/bin/env bash
# Runs the fleet without containers, on loopback, until Ctrl-C. What it writes goes to the folder that it is called in.
#   KAFKA_LIBS  folder with Kafka's jars, such as libs/ of a release
#   COLLECTOR   a Collector that has the Kafka receiver and the debug and file exporters
#   OBSVTY      the command of the server; by default that of this checkout, after `npm run build`
set -euo pipefail
fleet=$(cd "$(dirname "$0")" && pwd)
: "${KAFKA_LIBS:?}" "${COLLECTOR:?}"
read -ra obsvty <<<"${OBSVTY:-node $fleet/../../dist/main.js}"
mkdir -p data logs
trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT
trap exit INT TERM

# Waits two minutes at most.
until_open() {
  for _ in {1..1200}; do
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return; fi
    sleep 0.1
  done
  echo "nothing listens on port $1: see logs/" >&2
  exit 1
}

kafka=(java -Xmx384m -cp "$KAFKA_LIBS/*")
[ -e data/kafka/meta.properties ] ||
  "${kafka[@]}" kafka.tools.StorageTool format -t AAAAAAAAAAAAAAAAAAAAAQ -c "$fleet/kafka.properties" >logs/kafka-format.log
"${kafka[@]}" kafka.Kafka "$fleet/kafka.properties" >logs/kafka.log 2>&1 &
until_open 19092

for i in 1 2; do
  (
    set -a
    . "$fleet/receiver.env"
    OTLP_GRPC_HOST=127.0.0.1 OTLP_GRPC_PORT=1431$i FORWARD_KAFKA_BROKERS=127.0.0.1:19092
    exec "${obsvty[@]}"
  ) >"logs/receiver-$i.log" 2>&1 &
done
until_open 14311
until_open 14312

FLEET_HOST=127.0.0.1 FLEET_GRPC_PORT=4317 FLEET_HTTP_PORT=4318 \
  RECEIVER_1=127.0.0.1:14311 RECEIVER_2=127.0.0.1:14312 haproxy -f "$fleet/haproxy.cfg" >logs/balancer.log 2>&1 &
until_open 4317

KAFKA_BROKERS=127.0.0.1:19092 COLLECTOR_FILE=data/telemetry.jsonl \
  "$COLLECTOR" --config "$fleet/collector.yaml" >logs/collector.log 2>&1 &
echo "the fleet takes OTLP at 127.0.0.1:4317 (gRPC) and 127.0.0.1:4318 (HTTP)"
wait
