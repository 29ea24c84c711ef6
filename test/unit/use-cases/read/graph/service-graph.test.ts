import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Span_SpanKind } from "../../../../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import type { SpanFilter } from "../../../../../src/domain/filter.ts";
import { spansWith } from "../../../../contract/store-requests.ts";
import { makeAttributes } from "../../../../support/otlp-attributes.ts";
import { createRandom } from "../../../../support/random.ts";
import { buildReader } from "../../../../support/reader.ts";

const [internal, server, client, producer, consumer] = [1, 2, 3, 4, 5];
const base = 1_795_428_000_000_000_000n;

interface Given {
  readonly id: number;
  readonly trace?: number;
  readonly parent?: number;
  readonly service: string;
  readonly kind: number;
  readonly took?: number;
  readonly failed?: boolean;
  readonly links?: readonly { readonly trace: number; readonly id: number }[];
  readonly attributes?: Readonly<Record<string, string>>;
}

const traceOf = (trace: number) => new Uint8Array(16).fill(trace);
const idOf = (id: number) => new Uint8Array(8).fill(id);

async function graphOf(given: readonly Given[], filter: SpanFilter = {}) {
  const { reader, send } = buildReader({ pace: { maxMs: 0.1 }, maxRows: 13 });
  for (const { id, trace = 1, parent, service, kind, took = 10, failed, links = [], attributes } of given) {
    const request = spansWith({
      traceId: traceOf(trace),
      spanId: idOf(id),
      parentSpanId: parent === undefined ? new Uint8Array() : idOf(parent),
      name: String(id),
      kind: kind as Span_SpanKind,
      startTimeUnixNano: base,
      endTimeUnixNano: base + BigInt(took),
      attributes: makeAttributes(attributes ?? {}),
      links: links.map((link) => ({ traceId: traceOf(link.trace), spanId: idOf(link.id) })),
      ...(failed === true && { status: { code: 2 } as never }),
    });
    request.resourceSpans[0]!.resource!.attributes = makeAttributes({ "service.name": service });
    send("traces", request);
  }
  return reader.serviceGraph({ filter, limit: 10_000 });
}

const shown = ({ calls }: Awaited<ReturnType<typeof graphOf>>) =>
  calls.map(({ caller, callee, isPeer, isMessaging, calls, errorCount, durations }) => {
    const marks = `${isPeer ? " peer" : ""}${isMessaging ? " messaging" : ""}`;
    return `${caller} > ${callee}${marks}: ${calls} calls, ${errorCount} errors, max ${durations?.max}`;
  });

describe("GetServiceGraph", () => {
  test("GetServiceGraph leaves out calls for which the services leave no room in max_bytes", async () => {
    const { reader, send } = buildReader({ sizeOf: () => 1_000 });
    for (let i = 0; i < 200; i++) {
      const request = spansWith({
        traceId: traceOf(1),
        spanId: idOf(i + 1),
        kind: client as Span_SpanKind,
        attributes: makeAttributes({ "peer.service": `peer ${i}` }),
      });
      request.resourceSpans[0]!.resource!.attributes = makeAttributes({
        "service.name": `${i}${"s".repeat(900)}`,
      });
      send("traces", request);
    }
    const { calls, services, leftOut } = await reader.serviceGraph({ maxBytes: 300_000, limit: 10_000 });
    assert.equal(services.length, 200);
    assert.ok(calls.length > 50 && calls.length < 120, `${calls.length}`);
    assert.deepEqual(leftOut, { pairs: 200 - calls.length, calls: 200 - calls.length });
  });

  test("GetServiceGraph takes a server span below another service's client span for a call, told by the server's span", async () => {
    const graph = await graphOf([
      { id: 3, parent: 2, service: "cart", kind: server, took: 20, failed: true },
      { id: 1, service: "shop", kind: server },
      { id: 2, parent: 1, service: "shop", kind: client, took: 30, attributes: { "peer.service": "cart" } },
      { id: 4, parent: 3, service: "cart", kind: internal },
    ]);
    assert.deepEqual(shown(graph), ["shop > cart: 1 calls, 1 errors, max 20"]);
    assert.deepEqual(graph.services, [
      { name: "cart", spanCount: 2 },
      { name: "shop", spanCount: 2 },
    ]);
  });

  test("GetServiceGraph takes a client span that nothing answers for a call of a peer, by the first attribute that names it", async () => {
    const peer = (id: number, attributes: Record<string, string>) => ({
      id,
      service: "shop",
      kind: client,
      took: id,
      attributes,
    });
    const graph = await graphOf([
      peer(1, { "db.system.name": "postgresql" }),
      peer(2, { "server.address": "db.internal", "db.system.name": "postgresql" }),
      peer(3, { "db.system.name": "x", "server.address": "y", "peer.service": "payments" }),
      peer(4, { "peer.service": "", "db.system.name": "postgresql" }),
      peer(5, {}),
      { id: 6, service: "shop", kind: internal, attributes: { "peer.service": "nobody" } },
      { id: 7, service: "shop", kind: client, attributes: { "peer.service": "cart" } },
      { id: 8, service: "cart", kind: internal },
    ]);
    assert.deepEqual(shown(graph), [
      "shop > postgresql peer: 2 calls, 0 errors, max 4",
      "shop > cart: 1 calls, 0 errors, max 10",
      "shop > db.internal peer: 1 calls, 0 errors, max 2",
      "shop > payments peer: 1 calls, 0 errors, max 3",
    ]);
  });

  test("GetServiceGraph knows peers by the attributes of instrumentations that are older than the conventions", async () => {
    const graph = await graphOf([
      { id: 1, service: "shop", kind: client, took: 1, attributes: { "db.system": "redis" } },
      {
        id: 2,
        service: "shop",
        kind: client,
        took: 2,
        attributes: { "db.system": "redis", "net.peer.name": "cache" },
      },
      {
        id: 3,
        service: "shop",
        kind: client,
        took: 3,
        attributes: { "net.peer.name": "old", "server.address": "new" },
      },
    ]);
    assert.deepEqual(shown(graph), [
      "shop > cache peer: 1 calls, 0 errors, max 2",
      "shop > new peer: 1 calls, 0 errors, max 3",
      "shop > redis peer: 1 calls, 0 errors, max 1",
    ]);
  });

  test("GetServiceGraph has a consumer called by the producers that it links to, and by its parent before these", async () => {
    const graph = await graphOf([
      { id: 1, service: "shop", kind: producer, attributes: { "server.address": "kafka" } },
      { id: 2, service: "stock", kind: producer },
      {
        id: 3,
        trace: 2,
        service: "mail",
        kind: consumer,
        took: 7,
        links: [
          { trace: 1, id: 1 },
          { trace: 1, id: 2 },
          { trace: 9, id: 1 },
        ],
      },
      { id: 4, parent: 1, service: "audit", kind: consumer, took: 5, links: [{ trace: 1, id: 2 }] },
      { id: 5, trace: 3, service: "report", kind: internal, links: [{ trace: 2, id: 3 }] },
      { id: 6, trace: 3, service: "search", kind: internal, links: [{ trace: 3, id: 5 }] },
    ]);
    assert.deepEqual(shown(graph), [
      "shop > audit messaging: 1 calls, 0 errors, max 5",
      "shop > mail messaging: 1 calls, 0 errors, max 7",
      "stock > mail messaging: 1 calls, 0 errors, max 7",
    ]);
  });

  test("GetServiceGraph tells a call whose both sides have one span id", async () => {
    const graph = await graphOf([
      { id: 2, parent: 1, service: "cart", kind: server, took: 20 },
      { id: 2, parent: 1, service: "shop", kind: client, attributes: { "peer.service": "elsewhere" } },
      { id: 1, service: "shop", kind: server },
      { id: 3, parent: 2, service: "cart", kind: internal },
      { id: 4, parent: 2, service: "cart", kind: client, attributes: { "db.system.name": "redis" } },
    ]);
    assert.deepEqual(shown(graph), [
      "cart > redis peer: 1 calls, 0 errors, max 10",
      "shop > cart: 1 calls, 0 errors, max 20",
    ]);
  });

  test("GetServiceGraph with a filter counts the calls of which either side matches", async () => {
    const given = [
      { id: 1, service: "shop", kind: client },
      { id: 2, parent: 1, service: "cart", kind: server },
      { id: 3, parent: 2, service: "cart", kind: client },
      { id: 4, parent: 3, service: "stock", kind: server },
    ];
    assert.equal((await graphOf(given, { service: "cart" })).calls.length, 2);
    assert.deepEqual(shown(await graphOf(given, { service: "stock" })), [
      "cart > stock: 1 calls, 0 errors, max 10",
    ]);
    assert.deepEqual((await graphOf(given, { service: "stock" })).services, [
      { name: "stock", spanCount: 1 },
    ]);
    assert.deepEqual((await graphOf(given, { service: "nobody" })).calls, []);
  });

  test("GetServiceGraph of random spans is the graph that is found by hand", async () => {
    for (let seed = 1; seed <= 80; seed++) {
      const random = createRandom(seed);
      const services = ["shop", "cart", "stock", ""] as const;
      const given = Array.from(
        { length: 1 + random.below(80) },
        (_, i): Given => ({
          id: i + 1,
          trace: 1 + (i % 3),
          ...(random.below(4) > 0 && { parent: 1 + random.below(90) }),
          service: random.pick(services),
          kind: random.below(6),
          took: random.below(1_000),
          failed: random.below(5) === 0,
          ...(random.below(3) === 0 && {
            links: Array.from({ length: 1 + random.below(3) }, () => ({
              trace: 1 + random.below(3),
              id: 1 + random.below(90),
            })),
          }),
          ...(random.below(2) === 0 && { attributes: { "peer.service": random.pick(["cart", "db"]) } }),
        }),
      );
      const service = random.below(2) === 0 ? random.pick(services) : undefined;
      const graph = await graphOf(given, service === undefined ? {} : { service });
      assert.deepEqual(shown(graph).sort(), byHand(given, service).sort(), `seed ${seed}`);
    }
  });
});

/** No two spans have one id here. */
function byHand(given: readonly Given[], wanted: string | undefined): string[] {
  const find = (trace: number, id: number | undefined) =>
    given.find((span) => span.trace === trace && span.id === id);
  const isCaller = ({ kind }: Given) => kind === client || kind === producer;
  const isCallee = ({ kind }: Given) => kind === server || kind === consumer;
  const isMessage = (caller: Given, callee: Given) => caller.kind === producer || callee.kind === consumer;
  const isCall = (caller: Given, callee: Given) =>
    caller.service !== callee.service || (isCallee(callee) && isCaller(caller));
  const isWanted = ({ service }: Given) => wanted === undefined || service === wanted;
  const pairs = new Map<string, { marks: Set<string>; told: Given[] }>();
  const count = (caller: string, callee: string, told: Given, messaging: boolean) => {
    const key = `${caller} > ${callee}`;
    const pair = pairs.get(key) ?? { marks: new Set<string>(), told: [] };
    pairs.set(key, pair);
    if (!given.some(({ service }) => service === callee)) pair.marks.add(" peer");
    if (messaging) pair.marks.add(" messaging");
    pair.told.push(told);
  };
  const answered = new Set<Given>();
  for (const span of given) {
    const parent = find(span.trace!, span.parent);
    const linked = (span.links ?? [])
      .map(({ trace, id }) => find(trace, id))
      .filter((other) => other !== undefined && other !== span)
      .filter((other) => isMessage(other!, span) && isCall(other!, span)) as Given[];
    const callers = parent !== undefined && parent !== span && isCall(parent, span) ? [parent] : linked;
    for (const caller of callers) answered.add(caller);
    const either = callers.filter((caller) => isWanted(caller) || isWanted(span));
    for (const from of new Set(either.map(({ service }) => service))) {
      const first = either.find(({ service }) => service === from)!;
      count(from, span.service, span, isMessage(first, span));
    }
  }
  for (const span of given) {
    const peer = span.attributes?.["peer.service"];
    if (peer === undefined || !isCaller(span) || answered.has(span) || !isWanted(span)) continue;
    count(span.service, peer, span, span.kind === producer);
  }
  return Array.from(pairs, ([key, { marks, told }]) => {
    const both = `${marks.has(" peer") ? " peer" : ""}${marks.has(" messaging") ? " messaging" : ""}`;
    const errors = told.filter(({ failed }) => failed).length;
    return `${key}${both}: ${told.length} calls, ${errors} errors, max ${Math.max(...told.map(({ took }) => took!))}`;
  });
}
