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

/** The keys of attributes: a store may tell by their last bytes which items have which. */
const keys = ["k", "seven77", "http.request.method"] as const;
/** A number in a varint with a byte too many, which adds nothing. */
const padded = (field: number, value: number) =>
  Buffer.concat([varintField(field, value + 0x80).subarray(0, -1), Buffer.of(0)]);

const double = (field: number, number: number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(number);
  return fixed64(field, bytes.readBigUInt64LE());
};

/** Each the fields of a KeyValue with a key, and what its value is shown as. */
const attributes: Readonly<
  Record<string, { readonly fields: (key: Uint8Array) => readonly Uint8Array[]; readonly shown: string }>
> = {
  "comes once": { fields: (key) => [key, value(text("a"))], shown: "a" },
  "comes in two values, the last of them a string": {
    fields: (key) => [key, value(text("a")), value(text("b"))],
    shown: "b",
  },
  "comes in two values, the last of them a number": {
    fields: (key) => [key, value(text("a")), value(int)],
    shown: "7",
  },
  "comes in two values, the last of them empty": {
    fields: (key) => [key, value(text("a")), value()],
    shown: "a",
  },
  "is a string and then a number in one value": {
    fields: (key) => [key, value(text("a"), int)],
    shown: "7",
  },
  "is a number and then a string in one value": {
    fields: (key) => [key, value(int, text("a"))],
    shown: "a",
  },
  "comes before its key": { fields: (key) => [value(text("a")), key], shown: "a" },
  "has a key that replaces another": {
    fields: (key) => [text("another.key"), value(text("a")), key],
    shown: "a",
  },
  "has a number with a byte too many": { fields: (key) => [key, value(padded(3, 7))], shown: "7" },
  "is true, written as 2": { fields: (key) => [key, value(varintField(2, 2))], shown: "true" },
  "is true with a byte too many": { fields: (key) => [key, value(padded(2, 1))], shown: "true" },
  "is a number below zero": { fields: (key) => [key, value(varintField(3, 2n ** 64n - 7n))], shown: "-7" },
  "is a double without a fraction": { fields: (key) => [key, value(double(4, 7))], shown: "7" },
  "is a double of minus zero": { fields: (key) => [key, value(double(4, -0))], shown: "0" },
  "is no number": {
    fields: (key) => [key, value(fixed64(4, 0x7ff8_0000_0000_0001n))],
    shown: "NaN",
  },
  "is longer than a byte tells": {
    fields: (key) => [key, value(text("long ".repeat(40)))],
    shown: "long ".repeat(40),
  },
  "is a list": {
    fields: (key) => [key, value(lengthDelimited(5, lengthDelimited(1, text("a"))))],
    shown: '["a"]',
  },
  "are bytes": { fields: (key) => [key, value(lengthDelimited(7, Buffer.of(1, 2, 255)))], shown: "AQL/" },
  "is not there": { fields: (key) => [key], shown: "null" },
  "is empty": { fields: (key) => [key, value()], shown: "null" },
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
  "scope that comes after its span": (attribute) =>
    lengthDelimited(
      1,
      lengthDelimited(
        2,
        lengthDelimited(2, validSpanFields),
        lengthDelimited(1, lengthDelimited(3, attribute)),
      ),
    ),
  "second part of a scope": (attribute) =>
    lengthDelimited(
      1,
      lengthDelimited(
        2,
        lengthDelimited(1, lengthDelimited(1, Buffer.from("name"))),
        lengthDelimited(2, validSpanFields),
        lengthDelimited(1, lengthDelimited(3, attribute)),
      ),
    ),
  "resource that comes after its spans": (attribute) =>
    lengthDelimited(
      1,
      lengthDelimited(2, lengthDelimited(2, validSpanFields)),
      lengthDelimited(1, lengthDelimited(1, attribute)),
    ),
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
          for (const key of keys) {
            const store = makeStore(roomy);
            assert.equal(
              appendBytes(store, "traces", request(Buffer.concat(fields(text(key))))).kind,
              "kept",
            );
            const span = decodeSpan(store.read("traces", 0)!);
            const all = { ...span.resource, ...span.scope.attributes, ...span.attributes };
            assert.equal(attributeText(all[key] ?? null), shown);
            assert.deepEqual(
              findAll(store, "traces", { attributes: new Map([[key, shown]]) }, window),
              [0],
              key,
            );
          }
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
