import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decodeMetricPoint, decodeSpan } from "../../src/otlp/decode/decode-item.ts";
import { attributeText } from "../../src/use-cases/filter/attribute-match.ts";
import { allServices, findAll } from "../support/whole-answers.ts";
import { fixed64, lengthDelimited, validSpanFields, varintField } from "../support/wire.ts";
import { appendBytes } from "./store-requests.ts";
import type { MakeStore, StoreLimits } from "./telemetry-store.contract.ts";

/*
 * Fields that come more than once, which protobuf allows: the last value of a scalar counts, a message is put
 * together, and a member of a oneof replaces another one (protobuf encoding, "Last One Wins").
 */

const window = { from: 0, to: 10, order: "oldest", limit: 10 } as const;
const text = (value: string) => lengthDelimited(1, Buffer.from(value));
const int = varintField(3, 7);
const serviceKey = text("service.name");

/** One span under the attributes of a resource, each the fields of a KeyValue. */
const spanUnder = (...resources: readonly (readonly Uint8Array[])[]) =>
  lengthDelimited(
    1,
    ...resources.map((attributes) => lengthDelimited(1, ...attributes.map((one) => lengthDelimited(1, one)))),
    lengthDelimited(2, lengthDelimited(2, validSpanFields)),
  );

const keyValue = (...fields: readonly Uint8Array[]) => Buffer.concat(fields);
const value = (...fields: readonly Uint8Array[]) => lengthDelimited(2, ...fields);

const resources: Readonly<Record<string, { readonly request: Uint8Array; readonly service: string }>> = {
  "an attribute that comes twice": {
    request: spanUnder([keyValue(serviceKey, value(text("a"))), keyValue(serviceKey, value(text("b")))]),
    service: "b",
  },
  "an attribute whose last value is no string": {
    request: spanUnder([keyValue(serviceKey, value(text("a"))), keyValue(serviceKey, value(int))]),
    service: "",
  },
  "a value before its key": {
    request: spanUnder([keyValue(value(text("a")), serviceKey)]),
    service: "a",
  },
  "a key that is replaced": {
    request: spanUnder([keyValue(serviceKey, text("other"), value(text("a")))]),
    service: "",
  },
  "a key that replaces another": {
    request: spanUnder([keyValue(text("other"), value(text("a")), serviceKey)]),
    service: "a",
  },
  "a value in two parts, the last of them a string": {
    request: spanUnder([keyValue(serviceKey, value(int), value(text("a")))]),
    service: "a",
  },
  "a value in two parts, the last of them a number": {
    request: spanUnder([keyValue(serviceKey, value(text("a")), value(int))]),
    service: "",
  },
  "a value in two parts, the last of them empty": {
    request: spanUnder([keyValue(serviceKey, value(text("a")), value())]),
    service: "a",
  },
  "a value that is a string and then a number": {
    request: spanUnder([keyValue(serviceKey, value(text("a"), int))]),
    service: "",
  },
  "unknown fields around key and value": {
    request: spanUnder([
      keyValue(varintField(99, 1), serviceKey, fixed64(98, 1n), value(varintField(97, 1), text("a"))),
    ]),
    service: "a",
  },
  "a resource in two parts": {
    request: spanUnder([keyValue(serviceKey, value(text("a")))], [keyValue(serviceKey, value(text("b")))]),
    service: "b",
  },
};

const point = (fields: Uint8Array) => lengthDelimited(1, fixed64(3, 5n), fields);
const asInt = fixed64(6, 1n);
const gauge = (...points: readonly Uint8Array[]) => lengthDelimited(5, ...points);
const sum = (...fields: readonly Uint8Array[]) => lengthDelimited(7, ...fields);
const metric = (...data: readonly Uint8Array[]) =>
  lengthDelimited(1, lengthDelimited(2, lengthDelimited(2, lengthDelimited(1, Buffer.from("m")), ...data)));

const key = text("k");

/** Each the fields of a KeyValue with the key "k", and what its value is shown as. */
const attributes: Readonly<
  Record<string, { readonly fields: readonly Uint8Array[]; readonly shown: string }>
> = {
  "comes once": { fields: [key, value(text("a"))], shown: "a" },
  "comes in two values, the last of them a string": {
    fields: [key, value(text("a")), value(text("b"))],
    shown: "b",
  },
  "comes in two values, the last of them a number": {
    fields: [key, value(text("a")), value(int)],
    shown: "7",
  },
  "comes in two values, the last of them empty": { fields: [key, value(text("a")), value()], shown: "a" },
  "is a string and then a number in one value": { fields: [key, value(text("a"), int)], shown: "7" },
  "is a number and then a string in one value": { fields: [key, value(int, text("a"))], shown: "a" },
  "comes before its key": { fields: [value(text("a")), key], shown: "a" },
  "has a key that replaces another": { fields: [text("other"), value(text("a")), key], shown: "a" },
};

/** Where an attribute can be: in the item, its scope or its resource. */
const holders: Readonly<Record<string, (attribute: Uint8Array) => Uint8Array>> = {
  span: (attribute) =>
    lengthDelimited(
      1,
      lengthDelimited(2, lengthDelimited(2, validSpanFields, lengthDelimited(9, attribute))),
    ),
  scope: (attribute) =>
    lengthDelimited(
      1,
      lengthDelimited(
        2,
        lengthDelimited(1, lengthDelimited(3, attribute)),
        lengthDelimited(2, validSpanFields),
      ),
    ),
  resource: (attribute) => spanUnder([attribute]),
};

export function describeRepeatedFields(makeStore: MakeStore, roomy: StoreLimits): void {
  describe("fields that come more than once", () => {
    for (const [name, { request, service }] of Object.entries(resources)) {
      it(`the service of a resource with ${name} is known to index and reader alike`, () => {
        const store = makeStore(roomy);
        assert.equal(appendBytes(store, "traces", request).kind, "kept");
        assert.equal(decodeSpan(store.read("traces", 0)!).service, service);
        assert.deepEqual(findAll(store, "traces", { service }, window), [0]);
        assert.deepEqual([...allServices(store).keys()], [service]);
      });
    }

    for (const [holder, request] of Object.entries(holders)) {
      for (const [name, { fields, shown }] of Object.entries(attributes)) {
        it(`an attribute of a ${holder} whose value ${name} is found by what is shown`, () => {
          const store = makeStore(roomy);
          assert.equal(appendBytes(store, "traces", request(Buffer.concat(fields))).kind, "kept");
          const span = decodeSpan(store.read("traces", 0)!);
          const { k } = { ...span.resource, ...span.scope.attributes, ...span.attributes };
          assert.equal(attributeText(k!), shown);
          assert.deepEqual(findAll(store, "traces", { attributes: new Map([["k", shown]]) }, window), [0]);
        });
      }
    }

    const kept = (request: Uint8Array) => {
      const store = makeStore(roomy);
      const outcome = appendBytes(store, "metrics", request);
      assert.ok(outcome.kind === "kept");
      const points = Array.from({ length: outcome.accepted }, (_, i) =>
        decodeMetricPoint(store.read("metrics", i)!),
      );
      return { rejected: outcome.rejected, points };
    };

    it("a metric with two members of its data has the points of the last one", () => {
      const { rejected, points } = kept(
        metric(gauge(point(asInt), point(asInt), point(Buffer.alloc(0))), sum(point(asInt))),
      );
      assert.deepEqual([points.map(({ type }) => type), rejected], [["sum"], 0]);
    });

    it("a metric whose data member comes twice in a row has the points of both", () => {
      const { points } = kept(
        metric(
          gauge(point(asInt)),
          sum(varintField(2, 2), point(asInt)),
          sum(point(asInt), varintField(3, 1)),
        ),
      );
      assert.deepEqual(
        points.map(({ type, temporality, monotonic }) => [type, temporality, monotonic]),
        [
          ["sum", 2, true],
          ["sum", 2, true],
        ],
      );
    });

    it("a metric whose data member comes back after another one begins anew", () => {
      const { points } = kept(
        metric(sum(varintField(2, 2), point(asInt)), gauge(point(asInt)), sum(point(asInt))),
      );
      assert.deepEqual(
        points.map(({ type, temporality }) => [type, temporality]),
        [["sum", 0]],
      );
    });

    it("the last flags of a data point count", () => {
      const flags = (...values: readonly number[]) => Buffer.concat(values.map((one) => varintField(8, one)));
      assert.equal(kept(metric(gauge(point(flags(0, 1))))).points.length, 1);
      assert.equal(kept(metric(gauge(point(flags(1, 0))))).rejected, 1);
    });
  });
}
