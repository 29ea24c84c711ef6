import { create } from "@bufbuild/protobuf";
import type { KeyValue } from "../../gen/opentelemetry/proto/common/v1/common_pb.ts";
import { ArrayValueSchema, KeyValueSchema } from "../../gen/opentelemetry/proto/common/v1/common_pb.ts";
import { type AnyRequest, requestOf } from "../contract/store-requests.ts";
import { baseUnixNano } from "./otlp.ts";
import { anyValue, makeAttributes } from "./otlp-attributes.ts";
import { createRandom, type Random } from "./random.ts";

/*
 * Requests of all that counting has to get right: times that are not known, enums that do not fit into a byte,
 * attributes on the item, its scope and its resource, given twice, empty, of every type, or too long to be compared.
 */

type Kind = "traces" | "logs" | "metrics";

/** Keys by which such items are grouped and filtered. */
export const oddKeys = ["tag", "size", "on.scope", "on.resource", "ünï", "none"] as const;

export function oddRequest(signal: Kind, seed: number, count = 12): AnyRequest {
  const random = createRandom(seed);
  const serviceName = random.pick(["shop", "cart", "", "überprüfung"]);
  const request = requestOf(signal, count, {
    seed,
    serviceName,
    resource: random.below(2) === 0 ? { "on.resource": random.pick(["a", "b"]), tag: "of resource" } : {},
    scope: {
      name: "http",
      version: "1.0",
      ...(random.below(2) === 0 && {
        attributes: { "on.scope": random.below(3), "on.resource": "of scope" },
      }),
    },
  });
  for (const item of itemsOf(request)) change(item, random);
  return request;
}

interface Item {
  name?: string;
  kind?: number;
  status?: { code: number };
  severityNumber?: number;
  startTimeUnixNano?: bigint;
  endTimeUnixNano?: bigint;
  timeUnixNano?: bigint;
  observedTimeUnixNano?: bigint;
  attributes: KeyValue[];
}

function itemsOf(request: AnyRequest): Item[] {
  switch (request.$typeName) {
    case "opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest":
      return request.resourceSpans.flatMap(({ scopeSpans }) =>
        scopeSpans.flatMap(({ spans }) => spans as Item[]),
      );
    case "opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest":
      return request.resourceLogs.flatMap(({ scopeLogs }) =>
        scopeLogs.flatMap(({ logRecords }) => logRecords as Item[]),
      );
    case "opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest":
      return request.resourceMetrics
        .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
        .flatMap(({ data }) => (data.value?.dataPoints ?? []) as Item[]);
    default:
      return [];
  }
}

function change(item: Item, random: Random): void {
  const enumOf = () => random.pick([0, 1, 2, 3, 5, 254, 255, 256, 300, -1]);
  const time =
    baseUnixNano + BigInt(random.below(1_000_000)) * BigInt(random.pick([1, 1_000, 1_000_000_000]));
  if (item.name !== undefined)
    item.name = random.pick(["GET /", "GET /cart", "", "\ufffd", "x".repeat(3_000)]);
  if (item.kind !== undefined) item.kind = enumOf();
  if (item.status !== undefined) item.status.code = enumOf();
  if (item.severityNumber !== undefined) item.severityNumber = enumOf();
  if (item.startTimeUnixNano !== undefined && item.endTimeUnixNano !== undefined) {
    const took = random.pick([0, 1, 999, 1_500_000, -5, 3_600_000_000_000]);
    item.startTimeUnixNano = random.below(6) === 0 ? 0n : time;
    item.endTimeUnixNano = random.below(6) === 0 ? 0n : time + BigInt(took) * BigInt(1 + random.below(100));
  } else if (item.observedTimeUnixNano !== undefined) {
    item.timeUnixNano = random.below(3) === 0 ? 0n : time;
    item.observedTimeUnixNano = random.below(3) === 0 ? 0n : time + 5n;
  } else {
    item.timeUnixNano = time;
  }
  item.attributes.push(...oddAttributes(random));
}

function oddAttributes(random: Random): KeyValue[] {
  const value = () => random.pick(["a", "b", "", "1", 1, 2n ** 60n, 0.5, Number.NaN, true, "x".repeat(600)]);
  const attributes: KeyValue[] = [];
  if (random.below(6) === 0) {
    const list = create(ArrayValueSchema, { values: [{ value: anyValue(random.below(2)) }] });
    const value = { case: "arrayValue", value: list } as const;
    attributes.push(create(KeyValueSchema, { key: "tag", value: { value } }));
  }
  if (random.below(3) > 0) attributes.push(...makeAttributes({ tag: random.pick(["a", "b", "c"]) }));
  if (random.below(3) > 0)
    attributes.push(create(KeyValueSchema, { key: "size", value: { value: anyValue(value()) } }));
  if (random.below(4) === 0) attributes.push(...makeAttributes({ tag: "last", ünï: "ö" }));
  if (random.below(8) === 0) attributes.push(create(KeyValueSchema, { key: "tag" }));
  if (random.below(20) === 0) attributes.push(...makeAttributes({ long: "x".repeat(30_000), tag: "behind" }));
  return attributes;
}

/** A filter of such items. */
export function oddFilter(signal: Kind, seed: number): object {
  const random = createRandom(seed);
  const maybe = (field: object) => (random.below(4) === 0 ? field : {});
  const time = () => baseUnixNano + BigInt(random.below(1_000_000)) * 1_000n;
  const attributes = new Map([[random.pick(oddKeys), random.pick(["a", "b", "1", "", "of scope"])]]);
  return {
    ...maybe({ service: random.pick(["shop", "cart", "", "nobody"]) }),
    ...maybe({ sinceUnixNano: random.pick([0n, time(), -1n, 2n ** 65n]) }),
    ...maybe({ untilUnixNano: random.pick([time(), time() + 10n ** 15n, 2n ** 65n]) }),
    ...(random.below(6) === 0 && { attributes }),
    ...(signal === "traces" && {
      ...maybe({ name: random.pick(["GET /", "\ufffd", "x".repeat(3_000)]) }),
      ...maybe({ kind: random.pick([2, 255, 300, -1]) }),
      ...maybe({ statusCode: random.pick([0, 2, 256]) }),
      ...maybe({ minDurationNano: random.pick([0n, 1_000n, 2n ** 65n]) }),
      ...maybe({ maxDurationNano: random.pick([0n, 10n ** 9n, 2n ** 65n]) }),
    }),
    ...(signal === "logs" && maybe({ minSeverity: random.pick([1, 5, 255, 300, -1]) })),
    ...(signal === "metrics" && {
      ...maybe({ name: "shop.orders" }),
      ...maybe({ type: random.pick(["sum", "gauge"]) }),
    }),
  };
}
