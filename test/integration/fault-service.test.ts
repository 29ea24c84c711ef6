import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Code, createClient } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { FaultService } from "../../gen/obsvty/v1/fault_pb.ts";
import { faultService, setFaults, startWithFaults } from "../support/fault-service.ts";
import { startObsvty } from "../support/obsvty.ts";

const transports = {
  Connect: (baseUrl: string) => createConnectTransport({ baseUrl, httpVersion: "1.1" }),
  "gRPC-Web": (baseUrl: string) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }),
  gRPC: (baseUrl: string) => createGrpcTransport({ baseUrl }),
};

for (const [name, createTransport] of Object.entries(transports)) {
  test(`FaultService is called by ${name} too`, async (t) => {
    const server = await startWithFaults(t);
    const client = createClient(FaultService, createTransport(server.url));
    await client.setFaults({ rules: [{ signal: "logs", times: 3, fault: { case: "reset", value: true } }] });
    const { rules } = await client.getFaults({});
    assert.deepEqual(
      rules.map(({ signal, times, fault }) => [signal, times, fault.case]),
      [["logs", 3, "reset"]],
    );
    await client.clearFaults({});
    assert.deepEqual((await client.getFaults({})).rules, []);
    await assert.rejects(client.setFaults({ rules: [{}] }), {
      code: Code.InvalidArgument,
      rawMessage: /^rules\[0\]: one of/,
    });
  });
}

describe("FaultService", () => {
  const script = [
    { signal: "traces", times: 2, status: "UNAVAILABLE", retryDelay: "1s", message: "later" },
    { partialSuccess: { rejected: 3, message: "no" } },
    { signal: "logs", times: 1, delay: "1.500s" },
    { reset: true },
  ];

  test("tells what is left of the script", async (t) => {
    const server = await startWithFaults(t);
    await setFaults(server, ...script);
    await fetch(`${server.url}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
    });
    assert.deepEqual((await faultService(server, "GetFaults")).body, {
      rules: [
        { signal: "traces", times: 1, status: "UNAVAILABLE", retryDelay: "1s", message: "later" },
        { signal: "", times: 1, partialSuccess: { rejected: 3, message: "no" }, message: "" },
        { signal: "logs", times: 1, delay: "1.500s", message: "" },
        { signal: "", times: 1, reset: true, message: "" },
      ],
    });
  });

  test("forgets it when told to", async (t) => {
    const server = await startWithFaults(t);
    await setFaults(server, ...script);
    assert.deepEqual(await faultService(server, "ClearFaults"), { status: 200, body: {} });
    assert.deepEqual((await faultService(server, "GetFaults")).body, { rules: [] });
  });

  const wrong = [
    [{ signal: "spans", reset: true }, 'rules[1].signal: "spans" is none of traces, logs, metrics, profiles'],
    [{ times: 2 }, "rules[1]: one of status, partial_success, delay and reset must be set"],
    [{ status: "OK" }, "rules[1].status: 0 is no failure"],
    [{ status: 99 }, "rules[1].status: 99 is no failure"],
    [{ status: "DOWN" }, 'rules[1].status: "DOWN" is no Code'],
    [{ delay: "2h" }, 'rules[1].delay: a duration looks like "1.5s"'],
    [{ delay: "3600.5s" }, "rules[1].delay: from 0s to 3600s"],
    [{ status: "INTERNAL", retryDelay: "-1s" }, "rules[1].retry_delay: must not be negative"],
    [{ reset: true, message: "x" }, "rules[1]: message and retry_delay go with status alone"],
    [{ status: "INTERNAL", message: "x".repeat(501) }, "rules[1].message: at most 500 characters, not 501"],
    [
      { partialSuccess: { message: "x".repeat(501) } },
      "rules[1].partial_success.message: at most 500 characters, not 501",
    ],
    [{ reset: false }, "rules[1].reset: true or nothing"],
    [{ reset: true, after: 1 }, "rules[1].after: no such field"],
  ] as const;
  for (const [rule, message] of wrong) {
    test(`refuses ${JSON.stringify(rule).slice(0, 60)} and changes nothing`, async (t) => {
      const server = await startWithFaults(t);
      await setFaults(server, { reset: true });
      const reply = await faultService(server, "SetFaults", { rules: [{ delay: "1s" }, rule] });
      assert.deepEqual([reply.status, reply.body.code], [400, "invalid_argument"]);
      assert.equal(reply.body.message, message);
      assert.equal((await faultService(server, "GetFaults")).body.rules?.length, 1);
    });
  }

  test("takes no more than a thousand rules", async (t) => {
    const server = await startWithFaults(t);
    const rules = Array.from({ length: 1_001 }, () => ({ reset: true }));
    const { body } = await faultService(server, "SetFaults", { rules });
    assert.equal(body.message, "rules: at most 1000, not 1001");
  });

  for (const method of ["SetFaults", "GetFaults", "ClearFaults"] as const) {
    test(`${method} says how to turn it on where it is off`, async (t) => {
      const { status, body } = await faultService(await startObsvty(t), method);
      assert.deepEqual([status, body.code], [501, "unimplemented"]);
      assert.match(String(body.message), /FAULT_INJECTION=true/);
    });

    test(`${method} is for whoever may read`, async (t) => {
      const server = await startWithFaults(t, { API_TOKEN: "reader" });
      assert.equal((await faultService(server, method)).status, 401);
    });
  }
});
