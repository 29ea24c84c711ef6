import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { QueryService } from "../../gen/obsvty/v1/query_pb.ts";
import { encode, requestOf } from "../contract/store-requests.ts";
import { runHere } from "../support/cli.ts";
import { query, startObsvty } from "../support/obsvty.ts";
import { sendOtlpJson } from "../support/send-otlp-json.ts";
import type { TestServer } from "../support/server.ts";
import { profileId, sendProfiles } from "../support/two-profiles.ts";

process.env.TZ = "UTC";

async function startFilled(t: TestContext): Promise<TestServer> {
  const server = await startObsvty(t);
  await sendProfiles(server);
  return server;
}

describe("SearchProfiles and GetProfile", () => {
  test("SearchProfiles answers in JSON what was measured, where and when", async (t) => {
    const server = await startFilled(t);
    const { profiles, ...rest } = await query(server, "SearchProfiles", { filter: { service: "shop" } });
    assert.deepEqual(profiles, [
      {
        profileId,
        time: "2026-11-23T10:00:00Z",
        duration: "10s",
        type: "cpu",
        unit: "nanoseconds",
        sampleCount: 2,
        periodType: "",
        periodUnit: "",
        period: "0",
        attributes: { thread: "worker" },
        service: "shop",
        resource: { "service.name": "shop" },
        scope: { name: "profiler", version: "" },
        cursor: profiles[0].cursor,
      },
    ]);
    assert.deepEqual(rest, { cursor: rest.cursor, missed: "0", previous: "", unreadable: "0" });
    const typed = await query(server, "SearchProfiles", { filter: { type: "alloc" } });
    assert.deepEqual(
      typed.profiles.map(({ service, unit }: { service: string; unit: string }) => [service, unit]),
      [["cart", "bytes"]],
    );
  });

  test("GetProfile answers the stacks and functions of a profile, by its id or its cursor", async (t) => {
    const server = await startFilled(t);
    const { profiles } = await query(server, "SearchProfiles");
    const answer = await query(server, "GetProfile", { profileId: profileId.toUpperCase() });
    assert.deepEqual(answer, {
      stacks: [
        { stack: "main;parse", value: "3000000", samples: 1 },
        { stack: "main", value: "1000000", samples: 1 },
      ],
      profile: profiles[0],
      total: "4000000",
      functions: [
        { name: "parse", file: "shop.ts", self: "3000000", total: "3000000" },
        { name: "main", file: "shop.ts", self: "1000000", total: "4000000" },
      ],
      leftOutStacks: 0,
      leftOutValue: "0",
    });
    assert.deepEqual(await query(server, "GetProfile", { cursor: profiles[0].cursor }), answer);
    const client = createClient(QueryService, createGrpcTransport({ baseUrl: server.url }));
    const few = await client.getProfile({ cursor: profiles[1].cursor, limit: 1 });
    assert.deepEqual(
      [few.profile?.service, few.stacks.length, few.leftOutStacks, few.leftOutValue],
      ["cart", 1, 1, 1_000_000n],
    );
  });

  test("SearchProfiles tells a duration near 2^64 ns exactly", async (t) => {
    const server = await startObsvty(t);
    const profiles = [{ timeUnixNano: "1", durationNano: `${2n ** 64n - 1n}` }];
    await sendOtlpJson(server, "profiles", { resourceProfiles: [{ scopeProfiles: [{ profiles }] }] });
    const [found] = (await query(server, "SearchProfiles")).profiles;
    assert.equal(found.duration, "18446744073.709551615s");
  });

  for (const [method, request, message] of [
    ["GetProfile", {}, "profileId: it or cursor must be given, and not both"],
    ["GetProfile", { profileId: "abc" }, "profileId: a profile id is 32 hex digits"],
    ["GetProfile", { profileId: "0".repeat(32) }, "no such profile is held"],
    ["GetProfile", { cursor: "x" }, "cursor: not a cursor"],
    ["GetProfile", { profileId, limit: 10_001 }, "limit: must be a whole number from 1 to 10000"],
    ["SearchProfiles", { filter: { servce: "shop" } }, "filter.servce: no such field"],
    ["SearchProfiles", { limit: 10_001 }, "limit: must be a whole number from 1 to 10000"],
  ] as const) {
    test(`${method} refuses ${JSON.stringify(request)}`, async (t) => {
      const server = await startFilled(t);
      await assert.rejects(query(server, method, request), (error: Error) => error.message.includes(message));
    });
  }

  test("ReadRequests refuses a filter of profiles, whose requests are whole", async (t) => {
    const server = await startFilled(t);
    const client = createClient(QueryService, createGrpcTransport({ baseUrl: server.url }));
    const filter = { case: "profiles", value: { service: "shop" } } as const;
    await assert.rejects(
      async () => {
        for await (const _ of client.readRequests({ filter })) break;
      },
      (error: Error) => error.message.includes("profiles: must be {}"),
    );
  });
});

describe("obsvty search profiles and obsvty profile", () => {
  test("obsvty search profiles prints a line for each profile, or the API's JSON", async (t) => {
    const server = await startFilled(t);
    const { code, stdout, stderr } = await runHere(server, ["search", "profiles", "--text"]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.deepEqual(stdout.split("\n"), [
      `2026-11-23 10:00:00.000     10 s  shop  cpu nanoseconds  2 samples  ${profileId}  thread=worker`,
      "2026-11-23 10:00:00.000     10 s  cart  alloc bytes  2 samples  thread=worker",
      "",
    ]);
    const json = await runHere(server, [
      "search",
      "profiles",
      "--type",
      "cpu",
      "--since",
      "2026-11-23T10:00:00Z",
    ]);
    const { profiles } = await query(server, "SearchProfiles", { filter: { type: "cpu" } });
    assert.equal(json.stdout, profiles.map((each: object) => `${JSON.stringify(each)}\n`).join(""));
    const none = await runHere(server, ["search", "profiles", "--until", "2026-11-23T10:00:00Z"]);
    assert.deepEqual([none.code, none.stdout], [0, ""]);
  });

  test("SearchProfiles answers in pages of so many bytes, which its cursors lead through", async (t) => {
    const server = await startObsvty(t);
    await fetch(`${server.url}/v1development/profiles`, {
      method: "POST",
      headers: { "content-type": "application/x-protobuf" },
      body: Buffer.from(encode("profiles", requestOf("profiles", 50))),
    });
    const all = await query(server, "SearchProfiles");
    assert.equal(all.profiles.length, 50);
    const page = await query(server, "SearchProfiles", { maxBytes: 5_000 });
    const count = page.profiles.length;
    assert.ok(count > 0 && count < 50);
    assert.deepEqual(page.profiles, all.profiles.slice(-count));
    const before = await query(server, "SearchProfiles", { before: page.previous, limit: 2 });
    assert.deepEqual(before.profiles, all.profiles.slice(-count - 2, -count));
    const { stdout } = await runHere(server, ["search", "profiles", "--limit", "40"]);
    assert.equal(stdout.trim().split("\n").length, 40);
  });

  test("obsvty profile prints the functions of a profile, its stacks, or the API's JSON", async (t) => {
    const server = await startFilled(t);
    const { code, stdout, stderr } = await runHere(server, ["profile", profileId, "--text"]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.deepEqual(stdout.split("\n"), [
      `2026-11-23 10:00:00.000     10 s  shop  cpu nanoseconds  2 samples  ${profileId}  thread=worker`,
      "                     self     %      total      %",
      "parse  shop.ts  3,000,000  75 %  3,000,000   75 %",
      "main  shop.ts   1,000,000  25 %  4,000,000  100 %",
      "",
    ]);
    const folded = await runHere(server, ["profile", profileId, "--folded"]);
    assert.equal(folded.stdout, "main;parse 3000000\nmain 1000000\n");
    const { profiles } = await query(server, "SearchProfiles");
    const json = await runHere(server, ["profile", profiles[1].cursor]);
    assert.deepEqual(
      JSON.parse(json.stdout),
      await query(server, "GetProfile", { cursor: profiles[1].cursor }),
    );
    const few = await runHere(server, ["profile", profileId, "--folded", "--limit", "1"]);
    assert.deepEqual(
      [few.stdout, few.stderr],
      ["main;parse 3000000\n", "obsvty: left out 1 stack with 25 % of the value; set --limit for more\n"],
    );
    const wrong = await runHere(server, ["profile", "x"]);
    assert.deepEqual([wrong.code, wrong.stderr], [2, "obsvty: <profile>: not a cursor\n"]);
    const none = await runHere(server, ["profile", "0".repeat(32)]);
    assert.deepEqual([none.code, none.stderr], [1, "obsvty: no such profile is held\n"]);
  });
});
