import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  acceptedCodings,
  listedCodings,
  unifySpelling,
} from "../../../../../src/adapters/inbound/caller/header-spelling.ts";
import { calibration, inOneStep, longestStep } from "../../../../support/step-times.ts";

describe("the codings that a caller takes", () => {
  for (const [header, codings] of [
    [undefined, []],
    ["", []],
    [" , ,", []],
    ["gzip", ["gzip"]],
    ["x-gzip", ["gzip"]],
    ["GZip , Deflate", ["gzip", "deflate"]],
    ["gzip;q=1.0, br;q=0.5", ["gzip", "br"]],
    ["gzip;q=0, br", ["br"]],
    ["gzip ; q=0.000 , br", ["br"]],
    ["gzip;Q=0", []],
    // A small weight is none of 0.
    ["gzip;q=0.001", ["gzip"]],
    [";q=1", []],
    ["*", ["*"]],
    [["gzip", "br;q=0"], ["gzip"]],
  ] as const) {
    test(`of accept-encoding ${JSON.stringify(header)} are ${JSON.stringify(codings)}`, () => {
      assert.deepEqual(acceptedCodings(header), codings);
    });
  }
});

test("codings of a header that is as long as headers may be are told in no time", () => {
  const header = `gzip${" ".repeat(16_000)}x${"; ".repeat(8_000)}`;
  assert.ok(longestStep(() => inOneStep(() => acceptedCodings(header))) < calibration() / 4);
});

test("codings that a header lists are told in lower case, and without empty ones", () => {
  assert.deepEqual(listedCodings(" GZIP,, Identity "), ["gzip", "identity"]);
});

test("headers are spelt as the Connect library knows them, and other headers stay", () => {
  const headers = {
    "content-type": 'Application/JSON; charset="utf-8"',
    "content-encoding": " X-GZip ",
    "connect-content-encoding": "GZIP",
    "accept-encoding": "",
    "grpc-accept-encoding": "GZIP;q=1, Identity",
    "x-other": "GZIP",
  };
  unifySpelling(headers);
  assert.deepEqual(headers, {
    "content-type": "application/json",
    "content-encoding": "gzip",
    "connect-content-encoding": "gzip",
    // An empty one would mean all.
    "accept-encoding": "identity",
    "grpc-accept-encoding": "gzip,identity",
    "x-other": "GZIP",
  });
});
