import assert from "node:assert/strict";
import type { LogRecord, MetricPoint, Span } from "../../../src/testing/items.ts";
import type { Receiver } from "../../../src/testing/receiver.ts";
import { type Dialect, some } from "./dialects.ts";
import type { Order } from "./running-shop.ts";

/*
 * All that a shop sends of its orders, field by field. Ids and times, which differ each time, are checked and replaced
 * by what they stand for; every other field is compared, whether it is expected or not.
 */

export const orders: readonly Order[] = [
  { id: "c1", amount: 59.9 },
  { id: "c3", amount: 999.5 },
];

interface ShopTelemetry {
  readonly spans: readonly object[];
  readonly logs: readonly object[];
  readonly metrics: readonly object[];
}

type Item = Span | LogRecord | MetricPoint;

/** What is held of the shop's orders, without what differs each time. */
export async function heldOf(receiver: Receiver, sinceMs: number): Promise<ShopTelemetry> {
  const spans = await receiver.spans();
  const logs = await receiver.logs();
  const metrics = await receiver.metrics({ where: ({ scope }) => scope.name === "shop" });
  for (const { resource } of [...spans, ...logs, ...metrics]) assert.deepEqual(resource, spans[0]?.resource);
  const names = new Map(spans.map((span) => [span.spanId, `${span.name} of ${span.attributes["cart.id"]}`]));
  const traceOf = (traceId: string) => spans.find((span) => span.traceId === traceId)?.attributes["cart.id"];
  const now = Date.now();
  const timely = (...times: readonly (string | undefined)[]) => {
    const texts = times.filter((time) => time !== undefined);
    const nanos = texts.map((time) => time.replace(/\.?(\d*)Z$/, (_, digits) => digits.padEnd(9, "0")));
    assert.deepEqual(nanos, [...nanos].sort(), "times are in order");
    const within = texts.every((time) => Date.parse(time) >= sinceMs - 1 && Date.parse(time) <= now + 1);
    assert.ok(within, `${texts} are times of the test`);
    return times.map((time) => (time === undefined ? "none" : "in time")).join(", ");
  };
  return {
    spans: spans.map(({ spanId, traceId, parentSpanId, startTime, endTime, duration, events, ...rest }) => ({
      ...plain(rest),
      trace: traceOf(traceId),
      parent: names.get(parentSpanId),
      times: timely(startTime, ...events.map(({ time }) => time), endTime),
      isLong: duration !== undefined && Number.parseFloat(duration) > 0,
      events: events.map(({ time, attributes, ...event }) => ({
        ...event,
        attributes: {
          ...attributes,
          ...("exception.stacktrace" in attributes && { "exception.stacktrace": some }),
        },
      })),
    })),
    logs: logs.map(({ time, observedTime, traceId, spanId, eventName, ...rest }) => ({
      ...plain(rest),
      trace: traceOf(traceId),
      span: names.get(spanId),
      times: timely(time, observedTime),
      eventName: eventName === "" ? "" : some,
    })),
    metrics: metrics.map(({ startTime, time, exemplars, ...rest }) => ({
      ...plain(rest),
      times: timely(startTime, time),
      exemplars: exemplars.map(({ time, traceId, spanId, ...exemplar }) => ({
        ...exemplar,
        times: timely(time),
        trace: traceOf(traceId),
        span: names.get(spanId),
      })),
    })),
  };
}

/** The resource is the same everywhere, and has what the SDK finds on the machine. */
function plain<T extends Pick<Item, "resource" | "cursor">>({ cursor, resource, ...rest }: T): object {
  const { "telemetry.sdk.language": language, "telemetry.sdk.name": sdk } = resource;
  return { ...rest, language, sdk };
}

/** What `heldOf` must answer. */
export function expectedOf(dialect: Dialect): ShopTelemetry {
  const { language, resourceDetails } = dialect;
  const scope = { name: "shop", version: "1.0.0" };
  const common = {
    service: "shop",
    language,
    sdk: "opentelemetry",
    ...(resourceDetails !== undefined && { resourceDetails }),
  };
  const results = orders.map((order) => {
    const declined = order.amount > 500;
    return {
      ...order,
      declined,
      code: declined ? 402 : 200,
      outcome: declined ? "declined" : "paid",
      line: declined ? `order ${order.id} failed: card declined` : `order ${order.id} paid`,
      status: declined
        ? { code: "STATUS_CODE_ERROR", message: "card declined" }
        : { code: "STATUS_CODE_UNSET", message: "" },
    };
  });
  const spans = results.flatMap(({ id, amount, code, declined, status }) => {
    const span = { ...common, scope, status, links: [], trace: id, flags: dialect.spanFlags, isLong: true };
    const attributes = { "exception.message": "card declined", ...dialect.exception };
    return [
      {
        ...span,
        name: "charge card",
        kind: "SPAN_KIND_CLIENT",
        parent: `POST /checkout of ${id}`,
        attributes: { "cart.id": id, "payment.amount": amount },
        events: declined ? [{ name: "exception", attributes }] : [],
        times: declined ? "in time, in time, in time" : "in time, in time",
      },
      {
        ...span,
        name: "POST /checkout",
        kind: "SPAN_KIND_SERVER",
        parent: undefined,
        attributes: { "cart.id": id, "http.request.method": "POST", "http.response.status_code": code },
        events: [],
        times: "in time, in time",
      },
    ];
  });
  const logs = results.map(({ id, declined, line }) => ({
    ...common,
    scope: { ...scope, version: dialect.logsHaveNoVersion === true ? "" : scope.version },
    severity: declined ? "SEVERITY_NUMBER_ERROR" : "SEVERITY_NUMBER_INFO",
    severityText: declined ? "ERROR" : "INFO",
    body: line,
    eventName: dialect.eventName ?? "",
    attributes: { "cart.id": id },
    trace: id,
    span: `POST /checkout of ${id}`,
    times: dialect.logsHaveNoTime === true ? "none, in time" : "in time, in time",
    flags: dialect.logFlags,
  }));
  const points = results.map(({ id, amount, outcome }) => {
    const point = {
      ...common,
      scope,
      temporality: "AGGREGATION_TEMPORALITY_CUMULATIVE",
      attributes: { outcome },
      times: "in time, in time",
    };
    const exemplar = { times: "in time", trace: id, span: `POST /checkout of ${id}`, attributes: {} };
    const exemplars = (value: object) => (dialect.exemplars === true ? [{ ...exemplar, ...value }] : []);
    return {
      count: {
        ...point,
        name: "shop.orders",
        type: "METRIC_TYPE_SUM",
        unit: "{order}",
        description: "Orders taken",
        monotonic: true,
        intValue: "1",
        exemplars: exemplars({ intValue: "1" }),
      },
      amount: {
        ...point,
        name: "shop.order.amount",
        type: "METRIC_TYPE_HISTOGRAM",
        unit: "EUR",
        description: "Worth of an order",
        monotonic: false,
        histogram: {
          count: "1",
          sum: amount,
          min: amount,
          max: amount,
          bounds,
          bucketCounts: bucketsOf(amount),
        },
        exemplars: exemplars({ doubleValue: amount }),
      },
    };
  });
  return { spans, logs, metrics: points.flatMap(({ count, amount }) => [count, amount]) };
}

/** The default of OpenTelemetry's SDKs. */
const bounds = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000];

function bucketsOf(value: number): string[] {
  const bucket = bounds.findIndex((bound) => value <= bound);
  return Array.from({ length: bounds.length + 1 }, (_, i) => (i === bucket ? "1" : "0"));
}

/** By which lists are compared that have no order of their own. */
export function sorted({ spans, logs, metrics }: ShopTelemetry): ShopTelemetry {
  const inOrder = (items: readonly object[]) => items.toSorted((a, b) => keyOf(a).localeCompare(keyOf(b)));
  return { spans: inOrder(spans), logs: inOrder(logs), metrics: inOrder(metrics) };
}

function keyOf(item: object): string {
  const { name, body, attributes } = item as { name?: string; body?: string; attributes: object };
  return JSON.stringify([name, body, Object.entries(attributes).sort()]);
}
