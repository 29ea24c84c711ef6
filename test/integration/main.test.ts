import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect } from "node:http2";
import { networkInterfaces } from "node:os";
import { type TestContext, test } from "node:test";
import { exportPath } from "../../src/domain/signal.ts";
import { createAuthority, writeCertificate, writeTestFile } from "../support/certificates.ts";
import { eventually } from "../support/obsvty.ts";
import { call, frame, startCall } from "../support/raw-grpc.ts";
import { type Running, run, untilListening } from "../support/server-process.ts";
import { traceRequest, validSpanFields } from "../support/wire.ts";

const path = exportPath("traces");
const body = frame(traceRequest(validSpanFields));

test("the largest MAX_BUFFER_SIZE starts with the other defaults", async (t) => {
  const running = run(t, { MAX_BUFFER_SIZE: "10000000" });
  const address = await untilListening(running);
  const session = connect(`http://${address}`);
  t.after(() => session.destroy());
  assert.equal((await call(session, path, body)).grpcStatus, 0);
});

test("two bounds of the buffer that do not fit together are refused in one line that names both", async (t) => {
  const running = run(t, { MAX_BUFFER_SIZE: "10000000", MAX_BUFFER_BYTES: String(3 * 2 ** 30) });
  assert.deepEqual(await running.ended, [1, null]);
  assert.match(
    running.output().trim(),
    /^obsvty: MAX_BUFFER_SIZE and MAX_BUFFER_BYTES: 10000000 items .* do not fit together: [^\n]*$/,
  );
});

test("a bad setting stops the start with one line and exit code 1", async (t) => {
  const running = run(t, { MAX_BUFFER_SIZE: "many" });
  assert.deepEqual(await running.ended, [1, null]);
  assert.equal(running.output().trim().split("\n").length, 1);
  assert.match(running.output(), /MAX_BUFFER_SIZE.*"many"/);
});

for (const setting of ["OTLP_GRPC_PORT", "OTLP_HTTP_PORT"]) {
  test(`a port of ${setting} in use stops the start with one line that names it, and exit code 1`, async (t) => {
    const address = await untilListening(run(t, {}));
    const second = run(t, { [setting]: String(address.split(":").at(-1)), LOG_LEVEL: "warn" });
    assert.deepEqual(await second.ended, [1, null]);
    assert.match(
      second.output().trim(),
      new RegExp(
        `^obsvty: [^\\n]*in use by another process: end that one, or set ${setting} to another port$`,
      ),
    );
  });
}

test('the log line "listening" has both addresses, or one if the second port is off', async (t) => {
  const both = run(t, {});
  await untilListening(both);
  assert.match(both.output(), /"grpc":"127\.0\.0\.1:\d+","http":"127\.0\.0\.1:\d+"/);
  const one = run(t, { OTLP_HTTP_PORT: "off" });
  await untilListening(one);
  assert.doesNotMatch(one.output(), /"http"/);
});

for (const host of ["::1", "[::1]"]) {
  test(`with OTLP_GRPC_HOST=${host} both ports serve IPv6`, async (t) => {
    const families = Object.values(networkInterfaces()).flatMap((of = []) => of.map(({ family }) => family));
    if (!families.includes("IPv6")) return t.skip("this machine has no IPv6");
    const running = run(t, { OTLP_GRPC_HOST: host });
    const grpc = await untilListening(running);
    const [, http = ""] = /"http":"([^"]+)"/.exec(running.output()) ?? [];
    for (const address of [grpc, http]) {
      assert.match(address, /^\[::1\]:\d+$/);
      assert.equal((await fetch(`http://${address}/livez`)).status, 200);
    }
  });
}

test("with TLS, the log says so, SIGHUP reloads the certificate, and SIGTERM stops as without", async (t) => {
  const authority = createAuthority("an authority");
  const files = writeCertificate(t, authority.issue("a server"));
  const running = run(t, { ...files });
  await untilListening(running);
  assert.match(running.output(), /"tls":"on","msg":"listening"/);
  const { cert, key } = authority.issue("renewed");
  writeFileSync(files.TLS_KEY_FILE, key);
  writeFileSync(files.TLS_CERT_FILE, cert);
  running.child.kill("SIGHUP");
  await eventually(
    "the reload is logged",
    () => /TLS certificate reloaded/.test(running.output()) || undefined,
  );
  running.child.kill("SIGTERM");
  assert.deepEqual(await running.ended, [0, null]);
});

test("SIGHUP has the TLS files of a sink read again, of a server without TLS of its own too", async (t) => {
  const FORWARD_OTLP_CA_FILE = writeTestFile(t, "ca.pem", createAuthority("an authority").cert);
  const running = run(t, { FORWARD_OTLP_ENDPOINT: "https://127.0.0.1:1", FORWARD_OTLP_CA_FILE });
  await untilListening(running);
  writeFileSync(FORWARD_OTLP_CA_FILE, createAuthority("another").cert);
  running.child.kill("SIGHUP");
  await eventually(
    "the reload is logged",
    () => /"sink":"otlp".*TLS files of the sink reloaded/.test(running.output()) || undefined,
  );
  running.child.kill("SIGTERM");
  assert.deepEqual(await running.ended, [0, null]);
});

test("a TLS file that cannot be used stops the start with one line and exit code 1", async (t) => {
  const files = writeCertificate(t, createAuthority("an authority").issue("a server"));
  const running = run(t, { ...files, TLS_KEY_FILE: "/nonexistent/key.pem" });
  assert.deepEqual(await running.ended, [1, null]);
  assert.equal(running.output(), 'obsvty: TLS_KEY_FILE: "/nonexistent/key.pem" cannot be read (ENOENT)\n');
});

test('the log line "listening" has the bounds of memory and the memory that they were chosen for', async (t) => {
  const running = run(t, { MAX_QUERY_BYTES: "33554432" });
  await untilListening(running);
  assert.match(
    running.output(),
    /"maxBufferBytes":\d+,"maxInflightBytes":\d+,"maxQueryBytes":33554432,"memoryBytes":\d+,"tls":"off","msg":"listening"/,
  );
});

test("bounds that allow more than V8's heap limit are taken as they are set, with a warning", async (t) => {
  const settings = { MAX_QUERY_BYTES: "268435456", MAX_BUFFER_BYTES: "16777216" };
  const running = run(t, { ...settings, NODE_OPTIONS: "--max-old-space-size=256" });
  await untilListening(running);
  assert.match(
    running.output(),
    /"level":40,[^\n]*the settings allow \d+ MiB for V8's heap, and there are \d+ MiB: lower MAX_QUERY_BYTES, or raise --max-old-space-size/,
  );
  assert.match(running.output(), /"maxQueryBytes":268435456/);
});

test("a variable that is nearly a setting is warned of when the server starts", async (t) => {
  const running = run(t, { LOG_LEVL: "warn" });
  await untilListening(running);
  assert.match(running.output(), /"level":40,[^\n]*"msg":"LOG_LEVL is no setting of obsvty; LOG_LEVEL is"/);
});

test("FAULT_INJECTION=true is logged as a warning", async (t) => {
  const running = run(t, { FAULT_INJECTION: "true" });
  await untilListening(running);
  assert.match(running.output(), /"level":40,[^\n]*FAULT_INJECTION is on/);
});

test("after SIGTERM every export that was accepted is answered, and the exit code is 0", async (t) => {
  const running = run(t, { RATE_LIMIT_MAX: "0" });
  const address = await untilListening(running);
  let acknowledged = 0;
  const unanswered: string[] = [];
  const enough = Promise.withResolvers<void>();
  const load = Array.from({ length: 4 }, async () => {
    const session = connect(`http://${address}`);
    session.on("error", () => {});
    const goaway = once(session, "goaway");
    let leaving = false;
    void goaway.then(() => {
      leaving = true;
    });
    while (!leaving && !session.closed && !session.destroyed) {
      const reply = await call(session, path, body).catch(() => undefined);
      if (reply?.grpcStatus === 0) {
        acknowledged++;
        if (acknowledged === 500) enough.resolve();
      } else if (reply !== undefined && reply.grpcStatus !== 14 && reply.rstCode !== 7) {
        unanswered.push(`${reply.grpcStatus} ${reply.rstCode}`);
      }
    }
    session.close();
  });
  await enough.promise;
  running.child.kill("SIGTERM");
  await Promise.all(load);
  assert.deepEqual(await running.ended, [0, null], running.output());
  assert.deepEqual(unanswered, []);
  assert.match(running.output(), /"msg":"stopped"/);
});

/** Starts a process and a call whose body never ends. */
async function runWithOpenCall(t: TestContext, settings: Readonly<Record<string, string>>): Promise<Running> {
  const running = run(t, settings);
  const session = connect(`http://${await untilListening(running)}`);
  session.on("error", () => {});
  t.after(() => session.destroy());
  // A PING answers at once while the session is still connecting.
  await once(session, "remoteSettings");
  const { stream, reply } = startCall(session, path);
  reply.catch(() => {});
  stream.write(body.subarray(0, 10));
  await new Promise<void>((resolve) => session.ping(() => resolve()));
  return running;
}

test("a call cut at the end of the grace makes the exit code 1 and is counted in the log", async (t) => {
  const running = await runWithOpenCall(t, { SHUTDOWN_GRACE_MS: "50" });
  running.child.kill("SIGINT");
  assert.deepEqual(await running.ended, [1, null]);
  assert.match(running.output(), /"cut":1,"msg":"stopped, 1 in flight cut when the grace ran out"/);
});

for (const script of ["start", "dev", "obsvty"]) {
  test(`npm run ${script} passes SIGTERM on, and ends when the server has`, async (t) => {
    const running = run(t, { LOG_FORMAT: "json", LOG_LEVEL: "info" }, { script });
    await untilListening(running);
    running.child.kill("SIGTERM");
    await running.ended;
    assert.match(running.output(), /"msg":"stopped"/);
  });
}

test("a second signal exits at once with 128 plus the signal's number", async (t) => {
  // The open call delays the stop that the first signal began.
  const running = await runWithOpenCall(t, {});
  running.child.kill("SIGTERM");
  while (!running.output().includes("stopping")) {
    await once(running.child.stdout as NodeJS.ReadableStream, "data");
  }
  running.child.kill("SIGTERM");
  assert.deepEqual(await running.ended, [143, null]);
});
