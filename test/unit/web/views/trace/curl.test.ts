import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { curlOf } from "../../../../../src/web/views/trace/curl.ts";

test("a command that is copied is what a shell takes apart as meant", () => {
  const command = curlOf("http://localhost:4317/", "GetTrace", { traceId: "it's" }, true);
  const args = execFileSync("sh", ["-c", command.replace(/^curl/, "printf '%s\\n'")], {
    env: { API_TOKEN: "secret" },
    encoding: "utf8",
  });
  assert.deepEqual(args.trimEnd().split("\n"), [
    "-sS",
    "http://localhost:4317/obsvty.v1.QueryService/GetTrace",
    "-H",
    "content-type: application/json",
    "-H",
    "authorization: Bearer secret",
    "-d",
    `{"traceId":"it's"}`,
  ]);
});

test("a command for a server without a token names none", () => {
  assert.doesNotMatch(curlOf("http://localhost:4317/", "GetTrace", {}, false), /authorization/);
});
