import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

const hrefOf = (path: string) => JSON.stringify(new URL(`../../../src/${path}`, import.meta.url).href);

/** Whether a process has loaded Node's `fetch` once it has run the script. */
function loadsFetch(script: string): boolean {
  const told = `${script}\nconsole.log(process.moduleLoadList.some((name) => name.includes("undici")));`;
  const args = ["--input-type=module", "--eval", told];
  return execFileSync(process.execPath, args, { encoding: "utf8" }) === "true\n";
}

const leaveOut = `
  const { leaveOutFetch } = await import(${hrefOf("process/leave-out-fetch.ts")});
  leaveOutFetch();`;

test("the server's modules do not load Node's fetch", () => {
  const server = `await import(${hrefOf("compose.ts")}); await import(${hrefOf("process/run-service.ts")});`;
  assert.equal(loadsFetch(`${leaveOut}\n${server}`), false);
});

test("fetch and WebSocket are there as soon as they are used", () => {
  assert.equal(loadsFetch(`${leaveOut}\nnew Request("http://localhost/"); WebSocket.OPEN;`), true);
});
