import type { Receiver } from "../../src/testing/receiver.ts";

export const shopTraceId = "5b8efff798038103d269b633813fc60c";

interface SpanFields {
  readonly id: string;
  readonly parent?: string;
  readonly name: string;
  readonly error?: string;
  readonly traceId?: string;
}

const startNano = 1_795_428_000_123_456_789n;

/** A span in OTLP/JSON that took 1.5 ms. @param fields with ids of two digits */
export function shopSpan({ id, parent = "", name, error, traceId = shopTraceId }: SpanFields) {
  return {
    traceId,
    spanId: id.padStart(16, "e"),
    parentSpanId: parent === "" ? "" : parent.padStart(16, "e"),
    name,
    kind: 2,
    startTimeUnixNano: String(startNano + BigInt(id)),
    endTimeUnixNano: String(startNano + BigInt(id) + 1_500_000n),
    attributes: [{ key: "cart.items", value: { intValue: "3" } }],
    ...(error !== undefined && { status: { code: 2, message: error } }),
  };
}

const resource = { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] };

/** Sends spans as OTLP/JSON. @returns the HTTP status */
export function sendSpans(receiver: Receiver, ...spans: readonly object[]): Promise<number> {
  return send(receiver, "traces", { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
}

/** Sends a log record of the severity ERROR. */
export function sendLog(receiver: Receiver, text: string): Promise<number> {
  const logRecords = [{ timeUnixNano: String(startNano), severityNumber: 17, body: { stringValue: text } }];
  return send(receiver, "logs", { resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] });
}

/** Sends a point of a counter. */
export function sendCount(receiver: Receiver, name: string, count: number): Promise<number> {
  const dataPoints = [{ timeUnixNano: String(startNano), asInt: String(count) }];
  const metrics = [{ name, sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints } }];
  return send(receiver, "metrics", { resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] });
}

async function send({ endpoint }: Receiver, signal: string, request: object): Promise<number> {
  const answer = await fetch(`${endpoint}/v1/${signal}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
  });
  await answer.arrayBuffer();
  return answer.status;
}
