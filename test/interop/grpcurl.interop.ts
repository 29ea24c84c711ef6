import assert from "node:assert/strict";
import { execFile, type SpawnOptions, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { startObsvty, statsOf } from "../support/obsvty.ts";
import type { TestServer } from "../support/server.ts";
import { onPath } from "../support/tools.ts";

const run = promisify(execFile);
const grpcurl = (await findGrpcurl()) ?? "";
const how = "go install github.com/fullstorydev/grpcurl/cmd/grpcurl@latest";
const skip =
  grpcurl === "" && `grpcurl is neither on the PATH nor where Go installs programs; get it by: ${how}`;

/** On the PATH, or where `go install` puts it. */
async function findGrpcurl(): Promise<string | undefined> {
  const goPath = await run("go", ["env", "GOPATH"]).then(
    ({ stdout }) => stdout.trim(),
    () => process.env.GOPATH ?? join(homedir(), "go"),
  );
  const folders = [process.env.GOBIN, ...goPath.split(delimiter).map((path) => join(path, "bin"))];
  const installed = folders
    .filter((folder) => folder !== undefined)
    .map((folder) => join(folder, "grpcurl"))
    .find((path) => existsSync(path));
  return onPath("grpcurl") ?? installed;
}

/** What grpcurl prints; rejects with what it complains of. */
async function call({ port }: TestServer, target: string, body?: unknown): Promise<string> {
  const data = body === undefined ? [] : ["-d", JSON.stringify(body)];
  const words = target.split(" ");
  const { stdout } = await run(grpcurl, ["-plaintext", ...data, `localhost:${port}`, ...words]);
  return stdout;
}

async function callJson(server: TestServer, target: string, body?: unknown) {
  return JSON.parse(await call(server, target, body));
}

describe("grpcurl, which has no .proto file,", { skip }, () => {
  test("grpcurl without .proto files lists all services and describes all that they are made of", async (t) => {
    const server = await startObsvty(t);
    const services = (await call(server, "list")).trim().split("\n");
    assert.ok(services.includes("obsvty.v1.QueryService"), services.join());
    for (const service of services) {
      assert.match(await call(server, `describe ${service}`), new RegExp(`^${service} is a service:`));
    }
    assert.match(
      await call(server, "describe .opentelemetry.proto.trace.v1.Span"),
      /fixed64 start_time_unix_nano = 7;/,
    );
    assert.match(await call(server, "describe .google.protobuf.Struct"), /map<string, .*Value> fields = 1;/);
    await assert.rejects(call(server, "describe shop.Cart"), /Symbol not found: shop\.Cart/);
  });

  test("grpcurl without .proto files exports and reads back", async (t) => {
    const server = await startObsvty(t);
    const span = {
      trace_id: Buffer.from("5b8efff798038103d269b633813fc60c", "hex").toString("base64"),
      span_id: Buffer.from("eee19b7ec3c1b174", "hex").toString("base64"),
      name: "GET /cart",
      start_time_unix_nano: "1795428000123456789",
      end_time_unix_nano: "1795428000124956789",
    };
    const request = { resource_spans: [{ scope_spans: [{ spans: [span] }] }] };
    const exported = "opentelemetry.proto.collector.trace.v1.TraceService/Export";
    assert.deepEqual(await callJson(server, exported, request), {});
    assert.equal((await statsOf(server)).traces.items, 1);
    const stats = await callJson(server, "obsvty.v1.QueryService/GetStats");
    assert.equal(stats.signals.traces.accepted, "1");
    const filter = { name: "GET /cart" };
    const { spans } = await callJson(server, "obsvty.v1.QueryService/SearchSpans", { filter });
    assert.equal(spans[0].traceId, "5b8efff798038103d269b633813fc60c");
  });

  test("grpcurl without .proto files checks the health, and watches it until the server stops", async (t) => {
    const server = await startObsvty(t, { settings: { SHUTDOWN_GRACE_MS: "60000" } });
    const check = (service: string) => callJson(server, "grpc.health.v1.Health/Check", { service });
    assert.deepEqual(await check("obsvty.v1.QueryService"), { status: "SERVING" });
    await assert.rejects(check("nowhere"), /Code: NotFound/);
    const options: SpawnOptions = { stdio: ["ignore", "pipe", "inherit"] };
    const watch = spawn(
      grpcurl,
      ["-plaintext", `localhost:${server.port}`, "grpc.health.v1.Health/Watch"],
      options,
    );
    t.after(() => watch.kill());
    const exit = new Promise((resolve) => watch.once("exit", resolve));
    const statuses: string[] = [];
    let closing: Promise<number> | undefined;
    for await (const line of createInterface({ input: watch.stdout ?? assert.fail() })) {
      const status = /"status": "(\w+)"/.exec(line)?.[1];
      if (status !== undefined) {
        statuses.push(status);
        closing ??= server.close();
      }
    }
    assert.deepEqual(statuses, ["SERVING", "NOT_SERVING"]);
    assert.equal(await exit, 0);
    assert.equal(await closing, 0);
  });
});
