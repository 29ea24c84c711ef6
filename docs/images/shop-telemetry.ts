import type { Signal } from "../../src/domain/signal.ts";

/*
 * The telemetry of a shop of seven services, for pictures: requests of which some fail, their log records, and metrics of
 * ten minutes. The same each time but for when it was.
 */

interface Span {
  readonly spanId: string;
  readonly [field: string]: unknown;
}

const services = ["web", "gateway", "auth", "shop", "payments", "mailer"] as const;

type Service = (typeof services)[number];

const attributesOf = (values: Readonly<Record<string, string | number>>) =>
  Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === "number" ? { intValue: String(value) } : { stringValue: value },
  }));

const resourceOf = (service: string) => ({ attributes: attributesOf({ "service.name": service }) });

/** A generator of numbers from 0 to 1 (Park and Miller). */
function randomNumbers(): () => number {
  let state = 20_261_123;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** @param nowMs the newest is as old as this, in milliseconds since the epoch */
export function shopTelemetry(
  nowMs: number,
  requests: number,
): readonly { signal: Signal; request: object }[] {
  const random = randomNumbers();
  const hex = (digits: number) =>
    Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join("");
  const resourceSpans: object[] = [];
  const logs = new Map<Service, object[]>(services.map((service) => [service, []]));

  for (let i = 0; i < requests; i++) {
    const began = BigInt(Math.round(nowMs - (requests - i) * 700)) * 1_000_000n;
    const traceId = hex(32);
    const spans = new Map<Service, object[]>(services.map((service) => [service, []]));
    const pace = 0.5 + random() * (i % 11 === 0 ? 6 : 1);
    const failed = i % 7 === 3;
    const isOrder = i % 3 === 0;
    const at = (ms: number) => String(began + BigInt(Math.round(ms * 1e6)));
    const add = (
      service: Service,
      parent: Span | undefined,
      name: string,
      kind: number,
      [from, lasts]: readonly [from: number, lasts: number],
      attributes: Readonly<Record<string, string | number>> = {},
      error = "",
    ): Span => {
      const span = {
        traceId,
        spanId: hex(16),
        parentSpanId: parent?.spanId ?? "",
        name,
        kind,
        startTimeUnixNano: at(from * pace),
        endTimeUnixNano: at((from + lasts) * pace),
        attributes: attributesOf(attributes),
        status: error === "" ? {} : { code: 2, message: error },
      };
      spans.get(service)?.push(span);
      return span;
    };
    const log = (service: Service, { spanId }: Span, ms: number, severityNumber: number, text: string) => {
      const body = { stringValue: text };
      logs.get(service)?.push({ timeUnixNano: at(ms * pace), severityNumber, body, traceId, spanId });
    };
    const declined = failed && isOrder ? "card declined" : "";
    const route = isOrder ? "/api/checkout" : "/api/cart";
    const method = isOrder ? "POST" : "GET";
    const status = { "http.route": route, "http.response.status_code": failed ? 500 : 200 };
    const http = failed ? "HTTP 500" : "";
    const web = add(
      "web",
      undefined,
      isOrder ? "POST /checkout" : "GET /cart",
      3,
      [0, 120],
      { "user.id": i % 5 },
      http,
    );
    const gateway = add("gateway", web, `${method} ${route}`, 2, [4, 110], status, http);
    log("gateway", gateway, 113, failed ? 17 : 9, `${method} ${route} answered ${failed ? 500 : 200}`);
    const auth = add("auth", gateway, "verify token", 2, [6, 9]);
    add("auth", auth, "GET session", 3, [7, 5], { "db.system.name": "redis", "server.address": "sessions" });
    if (i % 9 === 0) log("auth", auth, 8, 13, "session is about to end");
    const shop = add("shop", gateway, isOrder ? "place order" : "list cart", 2, [18, 88], {}, declined);
    for (let query = 0; query < (isOrder ? 2 : 6); query++) {
      add("shop", shop, "SELECT orders", 3, [20 + 6 * query, 4], {
        "db.system.name": "postgresql",
        "server.address": "orders-db",
        "db.query.text": "SELECT * FROM orders WHERE user_id = $1",
      });
    }
    log("shop", shop, 40, 5, JSON.stringify({ event: "cart", items: (i * 7) % 9, user: i % 5 }));
    if (isOrder) {
      const charge = add(
        "payments",
        shop,
        "charge card",
        2,
        [50, 36],
        { "payment.currency": "EUR" },
        declined,
      );
      add("payments", charge, "POST /charges", 3, [53, 28], { "server.address": "bank.example" }, declined);
      if (failed) log("payments", charge, 82, 17, "card declined by the bank");
      const published = add("shop", shop, "publish orders", 4, [92, 2]);
      add("mailer", published, "process orders", 5, [99, 34]);
    }
    for (const [service, list] of spans) {
      resourceSpans.push({
        resource: resourceOf(service),
        scopeSpans: [{ scope: { name: "shop" }, spans: list }],
      });
    }
  }

  const resourceLogs = [...logs].map(([service, logRecords]) => ({
    resource: resourceOf(service),
    scopeLogs: [{ scope: { name: "shop" }, logRecords }],
  }));
  const resourceMetrics = [
    { resource: resourceOf("gateway"), scopeMetrics: [{ metrics: metrics(nowMs, random) }] },
  ];
  return [
    { signal: "traces", request: { resourceSpans } },
    { signal: "logs", request: { resourceLogs } },
    { signal: "metrics", request: { resourceMetrics } },
  ];
}

const minutes = 10;

function metrics(nowMs: number, random: () => number): object[] {
  const nanos = (ms: number) => String(BigInt(Math.round(ms)) * 1_000_000n);
  const start = nowMs - minutes * 60_000;
  const explicitBounds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];
  const requests: object[] = [];
  const durations: object[] = [];
  const memory: object[] = [];
  for (const [index, route] of ["/api/checkout", "/api/cart", "/api/products"].entries()) {
    let total = 0;
    let sum = 0;
    const counts = [...explicitBounds.map(() => 0), 0];
    for (let step = 1; step <= minutes * 6; step++) {
      const point = {
        attributes: attributesOf({ "http.route": route }),
        startTimeUnixNano: nanos(start),
        timeUnixNano: nanos(start + step * 10_000),
      };
      const served = Math.round(60 + 30 * Math.sin(step / 8 + index) + 12 * random());
      total += served;
      for (let i = 0; i < served; i++) {
        const took = (0.02 + 0.03 * index) * Math.exp(2 * random() * (1 + 0.4 * Math.sin(step / 10)));
        const bucket = explicitBounds.findIndex((bound) => took <= bound);
        counts[bucket === -1 ? explicitBounds.length : bucket]! += 1;
        sum += took;
      }
      requests.push({ ...point, asInt: String(total) });
      durations.push({
        ...point,
        count: String(total),
        sum,
        bucketCounts: counts.map(String),
        explicitBounds,
      });
      if (index === 0) memory.push({ ...point, attributes: [], asDouble: 190e6 + 28e6 * Math.sin(step / 9) });
    }
  }
  return [
    {
      name: "http.server.requests",
      unit: "{request}",
      sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: requests },
    },
    {
      name: "http.server.request.duration",
      unit: "s",
      histogram: { aggregationTemporality: 2, dataPoints: durations },
    },
    { name: "process.memory.usage", unit: "By", gauge: { dataPoints: memory } },
  ];
}
