import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { eventually } from "../support/obsvty.ts";
import { run, untilListening } from "../support/server-process.ts";

// Other systems do not tell their limit.
if (process.platform === "linux") {
  test("with a limit of open files below MAX_CONNECTIONS, the start says so and the server refuses by itself", async (t) => {
    const running = run(t, {}, { before: "ulimit -n 128" });
    const [host, port] = (await untilListening(running)).split(":");
    assert.match(
      running.output(),
      /"level":40,[^\n]*"openFiles":128,"maxConnections":64,"msg":"the limit of open files is too low for MAX_CONNECTIONS=1024; raise it \(ulimit -n\)"/,
    );
    for (let i = 0; i < 200; i++) {
      const socket = connect({ host, port: Number(port) });
      socket.on("error", () => {});
      t.after(() => socket.destroy());
      await once(socket, "connect");
    }
    assert.equal((await fetch(`http://${host}:${port}/livez`)).status, 200);
    const line = /"maxConnectionsPerClient":32,"msg":"idle connection closed, too many are open"/;
    await eventually("it is logged", () => line.test(running.output()) || undefined);
  });
}
