import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { writeJsonRequest } from "../../src/otlp/json/write-request.ts";
import { encode, spansOf } from "../contract/store-requests.ts";
import { eventually } from "../support/obsvty.ts";
import { postExport } from "../support/post-export.ts";
import { type Running, run, untilListening } from "../support/server-process.ts";
import { testFolder } from "../support/test-folder.ts";

const requestOf = (seed: number) => encode("traces", spansOf(20, { seed }));

function hasPrlimit(): boolean {
  try {
    execFileSync("prlimit", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** A server that may write no file of more than 16 KiB or so: for it the disk is full then (EFBIG). */
async function startOnFullDisk(t: TestContext, policy: string) {
  const path = join(testFolder(t), "out.json");
  const settings = { FORWARD_FILE: path, FORWARD_FILE_POLICY: policy, REQUEST_TIMEOUT_MS: "2000" };
  const running = run(t, settings, { before: "ulimit -S -f 32" });
  const url = `http://${await untilListening(running)}`;
  const lines = () => readFileSync(path, "utf8").split("\n");
  return { running, url, lines };
}

function makeRoom({ child }: Running): void {
  execFileSync("prlimit", ["--pid", String(child.pid), "--fsize=unlimited"]);
}

async function fileState(url: string): Promise<Record<string, unknown>> {
  const health = (await (await fetch(`${url}/health`)).json()) as {
    sinks: { file: Record<string, unknown> };
  };
  return health.sinks.file;
}

describe("a server whose disk is full", {
  skip: !hasPrlimit() && "prlimit changes the limit of a process",
}, () => {
  test("a server whose disk is full says so, keeps its lines whole, and writes everything when there is room again", async (t) => {
    const { running, url, lines } = await startOnFullDisk(t, "lossless");
    const sent: string[] = [];
    const send = async () => {
      const bytes = requestOf(sent.length + 1);
      assert.equal(await postExport({ url }, "traces", bytes), 200);
      sent.push(writeJsonRequest("traces", bytes));
    };
    await eventually("the disk is full", async () => {
      await send();
      return (await fileState(url)).state === "failing" || undefined;
    });
    for (let i = 0; i < 5; i++) await send();
    assert.equal((await fileState(url)).lastFailure, "EFBIG");
    // The sink tries again now and then: it writes what has room, and takes it back.
    const whole = await eventually("no part of a line is left", () => {
      const [end, ...others] = lines().reverse();
      return end === "" ? others : undefined;
    });
    for (const line of whole) JSON.parse(line);
    assert.ok(whole.length < sent.length);
    makeRoom(running);
    await eventually("all is written", async () => {
      const { state, backlogItems } = await fileState(url);
      return (state === "ok" && backlogItems === 0) || undefined;
    });
    assert.deepEqual(lines().slice(0, -1).toSorted(), sent.toSorted());
    const told = (pattern: RegExp) =>
      running
        .output()
        .split("\n")
        .filter((line) => pattern.test(line)).length;
    assert.deepEqual([told(/takes no items now/), told(/takes items again/)], [1, 1]);
  });

  test("a server whose disk is full refuses exports with a hint when its file confirms, and takes them when there is room again", async (t) => {
    const { running, url, lines } = await startOnFullDisk(t, "confirmed");
    let seed = 0;
    const send = () =>
      fetch(`${url}/v1/traces`, {
        method: "POST",
        headers: { "content-type": "application/x-protobuf" },
        body: new Uint8Array(requestOf(++seed)),
      });
    const acknowledged: number[] = [];
    const refused = await eventually("the disk is full", async () => {
      const reply = await send();
      if (reply.status === 200) acknowledged.push(seed);
      return reply.status === 200 ? undefined : reply;
    });
    assert.equal(refused.status, 503);
    assert.match(refused.headers.get("retry-after") ?? "", /^\d+$/);
    makeRoom(running);
    await eventually("an export is taken", async () => {
      const { status } = await send();
      if (status === 200) acknowledged.push(seed);
      return status === 200 || undefined;
    });
    const written = new Set(lines());
    const missing = acknowledged.filter((each) => !written.has(writeJsonRequest("traces", requestOf(each))));
    assert.deepEqual(missing, []);
  });
});
