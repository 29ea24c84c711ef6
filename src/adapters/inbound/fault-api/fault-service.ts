import type { ConnectRouter } from "@connectrpc/connect";
import * as pb from "../../../../gen/obsvty/v1/fault_pb.ts";
import { ObsvtyError } from "../../../domain/errors.ts";
import type { Core } from "../../../use-cases/core.ts";
import type { FaultScript } from "../../../use-cases/ingest/fault-script.ts";
import { apiMethodsOf } from "../api/api-methods.ts";
import { faultRules, faultRuleToProto } from "./fault-rules.ts";

/** `obsvty.v1.FaultService`. While FAULT_INJECTION is off, its errors say how to turn it on. */
export function registerFaultService(router: ConnectRouter, { faults }: Core): void {
  const add = apiMethodsOf(router);
  const { method } = pb.FaultService;
  const script = (): FaultScript => {
    if (faults === undefined) {
      throw new ObsvtyError("switched-off", "fault injection is off; FAULT_INJECTION=true turns it on");
    }
    return faults;
  };

  add(method.setFaults, ({ rules }) => {
    script().set(faultRules(rules));
    return {};
  });
  add(method.getFaults, () => ({ rules: script().rules.map(faultRuleToProto) }));
  add(method.clearFaults, () => {
    script().set([]);
    return {};
  });
}
