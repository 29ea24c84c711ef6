import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import type {
  ProfileSchema,
  ProfilesDictionarySchema,
} from "../../../../../gen/opentelemetry/proto/profiles/v1development/profiles_pb.ts";
import { RingStore } from "../../../../../src/adapters/outbound/ring-buffer/ring-store.ts";
import { requestSchemas } from "../../../../../src/otlp/services.ts";
import { requestOf, resourceOf } from "../../../../contract/store-requests.ts";
import { buildReader } from "../../../../support/reader.ts";

type Profile = MessageInitShape<typeof ProfileSchema>;
type Dictionary = MessageInitShape<typeof ProfilesDictionarySchema>;

function request(dictionary: Dictionary, profiles: readonly Profile[], service = "shop") {
  return create(requestSchemas.profiles, {
    resourceProfiles: [
      { resource: resourceOf({ "service.name": service }), scopeProfiles: [{ profiles: [...profiles] }] },
    ],
    dictionary,
  });
}

/** A store as the server has it, and the plain one of tests. */
const stores = {
  ring: () => new RingStore({ maxItems: 1_000, maxBytes: 2 ** 24, maxRequestBytes: 2 ** 22 }),
  fake: () => undefined,
} as const;

function readerOn(kind: keyof typeof stores) {
  const store = stores[kind]();
  return buildReader(store === undefined ? {} : { store });
}

const dictionary = {
  stringTable: [
    "",
    "cpu",
    "nanoseconds",
    "main",
    "handle; it",
    "parse",
    "server.ts",
    "thread.name",
    "/usr/bin/shop",
  ],
  mappingTable: [{}, { filenameStrindex: 8 }],
  functionTable: [{}, ...[3, 4, 5].map((nameStrindex) => ({ nameStrindex, filenameStrindex: 6 }))],
  locationTable: [
    {},
    { lines: [{ functionIndex: 1 }] },
    // parse was inlined into handle.
    { lines: [{ functionIndex: 3 }, { functionIndex: 2 }] },
    { mappingIndex: 1, address: 0x40n },
  ],
  stackTable: [{}, { locationIndices: [2, 1] }, { locationIndices: [1, 1] }, { locationIndices: [3] }],
  attributeTable: [
    {},
    { keyStrindex: 7, value: { value: { case: "stringValue" as const, value: "worker" } } },
  ],
};

const profile: Profile = {
  sampleType: { typeStrindex: 1, unitStrindex: 2 },
  periodType: { typeStrindex: 1, unitStrindex: 2 },
  period: 10n,
  timeUnixNano: 1_800_000_000_000_000_000n,
  durationNano: 1_000_000_000n,
  profileId: new Uint8Array(16).fill(0xab),
  attributeIndices: [1],
  samples: [
    { stackIndex: 1, values: [5n, 2n] },
    { stackIndex: 2, values: [4n] },
    { stackIndex: 1, values: [1n] },
    { stackIndex: 3, timestampsUnixNano: [1n, 2n, 3n] },
  ],
};

for (const kind of ["ring", "fake"] as const) {
  describe(`profiles in the ${kind} store`, () => {
    test(`GetProfile tells stacks, root first, and functions, with what was inlined, by the ${kind} store`, async () => {
      const { reader, send } = readerOn(kind);
      send("profiles", request(dictionary, [{}, profile]));
      const {
        stacks,
        functions,
        total,
        profile: of,
        leftOut,
      } = await reader.getProfile({ profileId: "ab".repeat(16) });
      assert.deepEqual(stacks, [
        { stack: "main;handle: it;parse", value: 8n, samples: 2 },
        { stack: "main;main", value: 4n, samples: 1 },
        { stack: "0x40", value: 3n, samples: 1 },
      ]);
      assert.deepEqual(functions, [
        { name: "parse", file: "server.ts", self: 8n, total: 8n },
        { name: "main", file: "server.ts", self: 4n, total: 12n },
        { name: "0x40", file: "/usr/bin/shop", self: 3n, total: 3n },
        { name: "handle; it", file: "server.ts", self: 0n, total: 8n },
      ]);
      assert.deepEqual([total, leftOut], [15n, { stacks: 0, value: 0n }]);
      assert.deepEqual(
        [of.type, of.unit, of.samples, of.service, of.attributes, of.periodType, of.period, of.ordinal],
        ["cpu", "nanoseconds", 4, "shop", { "thread.name": "worker" }, "cpu", 10n, 1],
      );
    });

    test(`SearchProfiles finds by service, type and time, in pages, in the ${kind} store`, async () => {
      const { reader, send } = readerOn(kind);
      const at = (seconds: number): Profile => ({
        ...profile,
        timeUnixNano: BigInt(seconds) * 1_000_000_000n,
      });
      send(
        "profiles",
        request(dictionary, [
          at(1),
          at(2),
          { timeUnixNano: 3_000_000_000n, sampleType: { typeStrindex: 3 } },
        ]),
      );
      send("profiles", request(dictionary, [at(4), at(0)], "cart"));
      const ordinals = async (query: Parameters<typeof reader.searchProfiles>[0]) =>
        (await reader.searchProfiles(query)).items.map(({ ordinal }) => ordinal);
      assert.deepEqual(await ordinals({}), [0, 1, 2, 3, 4]);
      assert.deepEqual(await ordinals({ filter: { service: "cart" } }), [3, 4]);
      assert.deepEqual(await ordinals({ filter: { type: "main" } }), [2]);
      assert.deepEqual(await ordinals({ filter: { sinceUnixNano: 2_000_000_000n } }), [1, 2, 3]);
      assert.deepEqual(await ordinals({ filter: { untilUnixNano: 2_000_000_000n } }), [0]);
      const page = await reader.searchProfiles({ limit: 2 });
      assert.deepEqual(
        page.items.map(({ ordinal }) => ordinal),
        [3, 4],
      );
      assert.deepEqual(await ordinals({ before: page.previous, limit: 2 }), [1, 2]);
      assert.deepEqual(await ordinals({ after: reader.itemCursor("profiles", 2) }), [3, 4]);
    });
  });
}

test("each profile is read with the dictionary of its own request", async () => {
  const { reader, send } = readerOn("ring");
  send("profiles", request(dictionary, [profile, profile]));
  const stringTable = ["", "alloc", "bytes", "other", "b", "c"];
  send("profiles", request({ ...dictionary, stringTable }, [profile]));
  const { items } = await reader.searchProfiles({});
  assert.deepEqual(
    items.map(({ type, unit }) => `${type} ${unit}`),
    ["cpu nanoseconds", "cpu nanoseconds", "alloc bytes"],
  );
  const answer = await reader.getProfile({ cursor: reader.itemCursor("profiles", 1) });
  assert.equal(answer.stacks[0]?.stack, "main;handle: it;parse");
  const other = await reader.getProfile({ cursor: reader.itemCursor("profiles", 2) });
  assert.equal(other.stacks[0]?.stack, "other;b;c");
});

test("the dictionary of a request with many profiles is read once, also when some of them are evicted", async () => {
  const store = new RingStore({ maxItems: 5, maxBytes: 2 ** 24, maxRequestBytes: 2 ** 22 });
  const { reader, send } = buildReader({ store });
  let read = 0;
  const readRequests = store.readRequests.bind(store);
  store.readRequests = (...args) => {
    read += 1;
    return readRequests(...args);
  };
  const named = (type: string) => ({ ...dictionary, stringTable: ["", type] });
  send("profiles", request(named("one"), [profile, profile, profile, profile]));
  send("profiles", request(named("two"), [profile, profile, profile]));
  const { items } = await reader.searchProfiles({});
  assert.deepEqual(
    items.map(({ type }) => type),
    ["one", "one", "two", "two", "two"],
  );
  assert.equal(read, 2);
});

test("indices of a profile that are out of range are shown as such", async () => {
  const { reader, send } = readerOn("ring");
  const broken = {
    stringTable: ["", "a"],
    functionTable: [{}, { nameStrindex: 9 }],
    locationTable: [{}, { lines: [{ functionIndex: 1 }, { functionIndex: 7 }] }],
    stackTable: [{}, { locationIndices: [1, -1, 8] }],
  };
  const samples = [
    { stackIndex: 1, values: [3n] },
    { stackIndex: 44, values: [2n] },
    { stackIndex: 0, values: [1n] },
  ];
  const bad = { sampleType: { typeStrindex: 5, unitStrindex: -3 }, samples, attributeIndices: [6] };
  send("profiles", request(broken, [bad]));
  const { profile: of, stacks } = await reader.getProfile({ cursor: reader.itemCursor("profiles", 0) });
  assert.deepEqual(
    [of.type, of.unit, of.attributes],
    ["(no string 5)", "(no string -3)", { "(no attribute 6)": null }],
  );
  assert.deepEqual(
    stacks.map(({ stack }) => stack),
    ["(no location 8);(no location -1);(no function 7);(no string 9)", "(no stack 44)", ""],
  );
});

test("GetProfile tells what adding up decoded samples does, whatever the indices are", async () => {
  const index = fc.integer({ min: -1, max: 5 });
  const list = <T>(of: fc.Arbitrary<T>) => fc.array(of, { maxLength: 5 });
  const tables = fc.record({
    stringTable: list(fc.string()),
    functionTable: list(
      fc.record({ nameStrindex: index, systemNameStrindex: index, filenameStrindex: index }),
    ),
    locationTable: list(
      fc.record({
        mappingIndex: index,
        address: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        lines: list(fc.record({ functionIndex: index })),
      }),
    ),
    stackTable: list(fc.record({ locationIndices: list(index) })),
  });
  const value = fc.bigInt({ min: -(2n ** 40n), max: 2n ** 40n });
  const samples = list(
    fc.record({
      stackIndex: index,
      values: list(value),
      timestampsUnixNano: list(fc.bigInt({ min: 0n, max: 9n })),
    }),
  );
  await fc.assert(
    fc.asyncProperty(tables, samples, async (tables, samples) => {
      const { reader, send } = readerOn("ring");
      send("profiles", request(tables, [{ samples }]));
      const string = (i: number) => (i === 0 ? "" : (tables.stringTable[i] ?? `(no string ${i})`));
      const functionName = (i: number) => {
        const of = tables.functionTable[i];
        return of === undefined
          ? `(no function ${i})`
          : string(of.nameStrindex) || string(of.systemNameStrindex) || "(unnamed)";
      };
      const location = (i: number) => {
        const of = tables.locationTable[i];
        if (of === undefined) return [`(no location ${i})`];
        return of.lines.length === 0
          ? [`0x${of.address.toString(16)}`]
          : of.lines.map((line) => functionName(line.functionIndex));
      };
      const expected = new Map<string, bigint>();
      for (const { stackIndex, values, timestampsUnixNano } of samples) {
        const of = tables.stackTable[stackIndex];
        const frames = of === undefined ? [`(no stack ${stackIndex})`] : of.locationIndices.flatMap(location);
        const stack = frames
          .toReversed()
          .map((name) => name.replaceAll(";", ":").replace(/[\r\n]+/g, " "))
          .join(";");
        const sum =
          values.length > 0 ? values.reduce((a, b) => a + b, 0n) : BigInt(timestampsUnixNano.length);
        expected.set(stack, (expected.get(stack) ?? 0n) + sum);
      }
      const answer = await reader.getProfile({ cursor: reader.itemCursor("profiles", 0) });
      assert.deepEqual(new Map(answer.stacks.map(({ stack, value }) => [stack, value])), expected);
      assert.equal(
        answer.total,
        [...expected.values()].reduce((a, b) => a + b, 0n),
      );
      assert.ok(answer.functions.every(({ name }) => name !== ""));
    }),
    { numRuns: 300 },
  );
});

test("a stack of more than 512 functions shows those nearest to the leaf", async () => {
  const { reader, send } = readerOn("ring");
  const deep = { ...dictionary, stackTable: [{}, { locationIndices: [...Array(600).fill(1), 3] }] };
  send("profiles", request(deep, [{ samples: [{ stackIndex: 1, values: [1n] }] }]));
  const { stacks } = await reader.getProfile({ cursor: reader.itemCursor("profiles", 0) });
  const frames = stacks[0]!.stack.split(";");
  assert.deepEqual([frames.length, frames[0], frames[1], frames.at(-1)], [513, "...", "main", "main"]);
});

test("GetProfile answers the largest stacks, and counts the others", async () => {
  const { reader, send } = readerOn("ring");
  send("profiles", request(dictionary, [profile]));
  const { stacks, leftOut } = await reader.getProfile({ cursor: reader.itemCursor("profiles", 0), limit: 1 });
  assert.deepEqual([stacks.length, stacks[0]?.value, leftOut], [1, 8n, { stacks: 2, value: 7n }]);
});

test("GetProfile leaves out stacks for which the attributes of the profile leave no room in max_bytes", async () => {
  const { reader, send } = buildReader({ sizeOf: () => 1_000 });
  send("profiles", request(dictionary, [profile], "s".repeat(8_000)));
  const cursor = reader.itemCursor("profiles", 0);
  const { stacks, leftOut } = await reader.getProfile({ cursor, maxBytes: 10_500 });
  assert.deepEqual([stacks.length, leftOut], [2, { stacks: 1, value: 3n }]);
});

test("GetProfile refuses what names no profile", async () => {
  const { reader, send } = readerOn("ring");
  send("profiles", requestOf("profiles", 1));
  send("traces", requestOf("traces", 1));
  const missing = /^ObsvtyError: no such profile is held$/;
  await assert.rejects(reader.getProfile({ profileId: "0".repeat(32) }), missing);
  await assert.rejects(
    reader.getProfile({}),
    /^ObsvtyError: profile_id: it or cursor must be given, and not both$/,
  );
  const cursor = reader.itemCursor("profiles", 0);
  await assert.rejects(reader.getProfile({ profileId: "0".repeat(32), cursor }), /profile_id: it or cursor/);
  await assert.rejects(reader.getProfile({ cursor: "x" }), /^ObsvtyError: cursor: not a cursor$/);
  await assert.rejects(
    reader.getProfile({ cursor: reader.itemCursor("traces", 0) }),
    /^ObsvtyError: cursor: the cursor is not one of profiles$/,
  );
  await assert.rejects(reader.getProfile({ cursor: reader.itemCursor("profiles", -1) }), missing);
});

test("an answer of a profile for which there is no memory is refused", async () => {
  const { answers, reader, send } = buildReader({ maxAnswerBytes: 50_000 });
  const stringTable = ["", "x".repeat(1_000)];
  const functionTable = [{}, { nameStrindex: 1 }];
  const stackTable = Array.from({ length: 500 }, (_, i) => ({ locationIndices: Array(i + 1).fill(1) }));
  const samples = stackTable.map((_, stackIndex) => ({ stackIndex, values: [1n] }));
  const locationTable = [{}, { lines: [{ functionIndex: 1 }] }];
  send("profiles", request({ stringTable, functionTable, locationTable, stackTable }, [{ samples }]));
  answers.open().take(1);
  await assert.rejects(reader.getProfile({ cursor: reader.itemCursor("profiles", 0) }), /MAX_QUERY_BYTES/);
});

test("the dictionary of a profile in parts is one dictionary", async () => {
  const { reader, store } = readerOn("ring");
  const whole = request(dictionary, [profile]);
  const [first, second] = [
    create(requestSchemas.profiles, { dictionary: { ...dictionary, stackTable: [] } }),
    create(requestSchemas.profiles, { dictionary: { stackTable: dictionary.stackTable } }),
  ].map((part) => toBinary(requestSchemas.profiles, part));
  const bytes = Buffer.concat([
    first!,
    toBinary(requestSchemas.profiles, { ...whole, dictionary: undefined }),
    second!,
  ]);
  assert.equal(store.append("profiles", [bytes], bytes.byteLength).kind, "kept");
  const { stacks } = await reader.getProfile({ cursor: reader.itemCursor("profiles", 0) });
  assert.equal(stacks[0]?.stack, "main;handle: it;parse");
});
