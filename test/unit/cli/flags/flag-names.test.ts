import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  flagName,
  jsonName,
  missedFields,
  withFlag,
  withMissedNames,
} from "../../../../src/cli/flags/flag-names.ts";

describe("a message of the server names fields as flags:", () => {
  for (const [message, shown] of [
    ["filter.trace_id: a trace id is 32 hex digits", "--trace-id: a trace id is 32 hex digits"],
    ["spans.min_duration: must not be negative", "--min-duration: must not be negative"],
    ["limit: must be a whole number", "--limit: must be a whole number"],
    ["group_by[0]: must be one of service, name", "--group-by: must be one of service, name"],
    ["the server is stopping", "the server is stopping"],
  ] as const) {
    test(`a message of the server names fields as flags: ${message}`, () =>
      assert.equal(withFlag(message, {}), shown));
  }

  const attributes = ["cart.id=c2", "user name=Jane Doe", 'quoted "key"=1', "a, min_duration=x", "empty="];
  for (const [failed, shown] of [
    ["name", "--name"],
    ["min_duration, kind", "--min-duration, --kind"],
    ['attributes["cart.id"], status_code', "--attribute cart.id=c2, --status-code"],
    ['attributes["user name"]', '--attribute "user name=Jane Doe"'],
    ['attributes["quoted \\"key\\""]', '--attribute "quoted \\"key\\"=1"'],
    ['attributes["a, min_duration"], name', '--attribute "a, min_duration=x", --name'],
    ['attributes["empty"]', "--attribute empty="],
    ['attributes["cut by the ser…"]', '--attribute "cut by the ser…"'],
    ["name, kind and 3 more", "--name, --kind and 3 more"],
  ] as const) {
    test(`a message of the server names fields as flags: failed on ${failed}`, () => {
      const told = "1 of 2 spans matched within 1 ms; the nearest miss failed on ";
      assert.equal(
        withMissedNames(`${told}${failed}`, (field) => flagName(field, { attributes })),
        `${told}${shown}`,
      );
    });
  }
});

test("the fields on which the nearest miss failed are read from the message", () => {
  const told = 'the nearest miss failed on min_duration, attributes["a \\"key\\", b"], name and 3 more';
  assert.deepEqual(missedFields(told), [
    { field: "minDuration" },
    { field: "attributes", key: 'a "key", b' },
    { field: "name" },
  ]);
  assert.deepEqual(missedFields("no spans are held"), []);
});

test("the fields on which the nearest miss failed are named as a filter in JSON has them", () => {
  const told = "0 of 1 log records matched; the nearest miss failed on ";
  assert.equal(
    withMissedNames(`${told}logs.min_severity, attributes["a_b"], body_contains and 3 more`, jsonName),
    `${told}minSeverity, attributes["a_b"], bodyContains and 3 more`,
  );
});
