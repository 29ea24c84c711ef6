import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { toBinary } from "@bufbuild/protobuf";
import { ExportTraceServiceRequestSchema } from "../../gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import { exportPath } from "../../src/domain/signal.ts";
import { makeTraceRequest } from "../support/otlp.ts";
import { postExport } from "../support/post-export.ts";
import { kafkaFailure, postSpan, startProgram } from "../support/program.ts";
import { call, frame } from "../support/raw-grpc.ts";

/*
 * The single executable: copied alone into an empty folder, and run there without Node, without the PATH and without
 * any other file of the project.
 */

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
const env = { PATH: "" };
/** What the program adds to Node: its code with that of its packages, the cache of V8 and the WebAssembly. */
const maxOwnBytes = 8 * 2 ** 20;

const skip =
  process.platform !== "linux" && "it is built and run on Linux alone: elsewhere it has to be signed";

describe("the single executable", { skip }, () => {
  let cwd: string;
  let program: string;

  before(async () => {
    cwd = mkdtempSync(join(tmpdir(), "obsvty-binary-"));
    process.once("exit", () => rmSync(cwd, { recursive: true }));
    program = join(cwd, "obsvty");
    await run("npm", ["run", "--silent", "build:binary"], { cwd: root });
    copyFileSync(join(root, "build/obsvty"), program);
    // It must not take this for its own.
    writeFileSync(join(cwd, "package.json"), JSON.stringify({ name: "other", version: "9.9.9" }));
  });

  const obsvty = async (...args: string[]) => (await run(program, args, { cwd, env })).stdout;

  test("the single executable says its version, not that of the folder", async () => {
    assert.equal(await obsvty("--version"), `${version}\n`);
  });

  test("the single executable adds little to the size of Node", (t) => {
    const [all, node] = [program, process.execPath].map((path) => statSync(path).size) as [number, number];
    const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
    t.diagnostic(`${mebibytes(all)}, of which Node is ${mebibytes(node)}`);
    assert.ok(all - node <= maxOwnBytes, mebibytes(all - node));
  });

  test("the single executable takes traces by gRPC, OTLP/HTTP and JSON, finds them, is healthy, and ends with 0", async (t) => {
    const server = await startProgram(t, [program], { cwd, env });
    const endpoint = ["--endpoint", `http://${server.grpc}`];
    const body = (serviceName: string) =>
      toBinary(ExportTraceServiceRequestSchema, makeTraceRequest({ serviceName }));

    const session = connect(`http://${server.grpc}`);
    t.after(() => session.destroy());
    const { grpcStatus } = await call(session, exportPath("traces"), frame(body("by-grpc")));
    assert.equal(grpcStatus, 0);
    session.close();
    await once(session, "close");

    assert.equal(await postExport({ url: `http://${server.http}` }, "traces", body("by-http")), 200);
    assert.equal((await postSpan(server, { service: "by-json" })).status, 200);

    const found = await obsvty("search", "spans", "--json", ...endpoint);
    const lines = found.trim().split("\n");
    const services = lines.map((line) => JSON.parse(line).service);
    assert.deepEqual(services.sort(), ["by-grpc", "by-http", "by-json"]);
    await obsvty("health", ...endpoint);
    const page = await fetch(`http://${server.http}/`);
    assert.match(await page.text(), /<title>obsvty<\/title>/);

    assert.deepEqual(await server.stop(), [0, null]);
  });

  test("the single executable checks strictly, and loads the client of Kafka with its WebAssembly", async (t) => {
    const settings = { VALIDATION: "strict", FORWARD_KAFKA_BROKERS: "127.0.0.1:1" };
    const server = await startProgram(t, [program], { cwd, env: { ...env, ...settings } });
    const { partialSuccess } = (await (await postSpan(server, { name: "" })).json()) as {
      partialSuccess: { errorMessage: string };
    };
    assert.match(partialSuccess.errorMessage, /name/);
    assert.equal(await kafkaFailure(server), "ECONNREFUSED");
    assert.deepEqual(await server.stop(), [0, null]);
  });
});
