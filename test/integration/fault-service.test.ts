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
  test(`FaultService answers calls over ${name}`, async (t) => {
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
      rawMessage: /^rules\[0\]: has no fault/,
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

  test("GetFaults returns the rules that are not used up", async (t) => {
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

  test("ClearFaults removes all rules", async (t) => {
    const server = await startWithFaults(t);
    await setFaults(server, ...script);
    assert.deepEqual(await faultService(server, "ClearFaults"), { status: 200, body: {} });
    assert.deepEqual((await faultService(server, "GetFaults")).body, { rules: [] });
  });

  const wrong = [
    [
      { signal: "spans", reset: true },
      'rules[1].signal: "spans" is not a signal; use one of traces, logs, metrics, profiles',
    ],
    [{ times: 2 }, "rules[1]: has no fault; set a status, a partial success, a delay or a reset"],
    [{ status: "OK" }, "rules[1].status: 0 is not a failure"],
    [{ status: 99 }, "rules[1].status: 99 is not a failure"],
    [
      { status: "DOWN" },
      'rules[1].status: "DOWN" is no Code; use one of OK, CANCELLED, UNKNOWN, INVALID_ARGUMENT, DEADLINE_EXCEEDED, NOT_FOUND, ALREADY_EXISTS, PERMISSION_DENIED, RESOURCE_EXHAUSTED, FAILED_PRECONDITION, ABORTED, OUT_OF_RANGE, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS, UNAUTHENTICATED',
    ],
    [{ delay: "2h" }, 'rules[1].delay: a duration looks like "1.5s"'],
    [{ delay: "3600.5s" }, "rules[1].delay: must be from 0s to 3600s"],
    [{ status: "INTERNAL", retryDelay: "-1s" }, "rules[1].retryDelay: must not be negative"],
    [{ reset: true, message: "x" }, "rules[1].message: is allowed with a status only"],
    [{ status: "INTERNAL", message: "x".repeat(501) }, "rules[1].message: at most 500 characters, not 501"],
    [
      { partialSuccess: { message: "x".repeat(501) } },
      "rules[1].partialSuccess.message: at most 500 characters, not 501",
    ],
    [{ reset: false }, "rules[1].reset: must be true or not set"],
    [{ reset: true, after: 1 }, "rules[1].after: no such field"],
    [{ status: "INTERNAL", reset: true }, "rules[1].reset: must not be set together with status"],
    [{ delay: null, reset: true }, "rules[1].reset: must not be set together with delay"],
    [
      { partialSuccess: {}, partial_success: {} },
      "rules[1].partial_success: must not be given twice, as partial_success and as partialSuccess",
    ],
    [{ times: "two" }, "rules[1].times: must be a whole number from 0 to 4294967295"],
  ] as const;
  for (const [rule, message] of wrong) {
    test(`SetFaults refuses ${JSON.stringify(rule).slice(0, 60)} and keeps the rules before`, async (t) => {
      const server = await startWithFaults(t);
      await setFaults(server, { reset: true });
      const reply = await faultService(server, "SetFaults", { rules: [{ delay: "1s" }, rule] });
      assert.deepEqual([reply.status, reply.body.code], [400, "invalid_argument"]);
      assert.equal(reply.body.message, message);
      assert.equal((await faultService(server, "GetFaults")).body.rules?.length, 1);
    });
  }

  test("SetFaults refuses more than 1,000 rules", async (t) => {
    const server = await startWithFaults(t);
    const rules = Array.from({ length: 1_001 }, () => ({ reset: true }));
    const { body } = await faultService(server, "SetFaults", { rules });
    assert.equal(body.message, "rules: at most 1000 rules, not 1001");
  });

  for (const method of ["SetFaults", "GetFaults", "ClearFaults"] as const) {
    test(`${method} says how to turn faults on when they are off`, async (t) => {
      const { status, body } = await faultService(await startObsvty(t), method);
      assert.deepEqual([status, body.code], [501, "unimplemented"]);
      assert.match(String(body.message), /FAULT_INJECTION=true/);
    });

    test(`${method} needs the permission to read`, async (t) => {
      const server = await startWithFaults(t, { API_TOKEN: "reader" });
      assert.equal((await faultService(server, method)).status, 401);
    });
  }
});
