import { create, fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { GetFaultsResponseSchema, SetFaultsRequestSchema } from "../../../gen/obsvty/v1/fault_pb.ts";
import { checkRequest } from "../../adapters/inbound/api/request-json.ts";
import { faultRules, faultRuleToProto } from "../../adapters/inbound/fault-api/fault-rules.ts";
import type { FaultScript } from "../../use-cases/ingest/fault-script.ts";
import type { FaultRule, Faults } from "../faults.ts";
import { asTypeError } from "./as-type-error.ts";
import { durationJson } from "./parse-filter.ts";

export function createFaults(faults: FaultScript): Faults {
  return {
    script(rules) {
      asTypeError(() => {
        const json = { rules: rules.map(ruleJson) };
        checkRequest(SetFaultsRequestSchema, json, "");
        faults.set(faultRules(fromJson(SetFaultsRequestSchema, json).rules));
      });
    },
    left() {
      const response = create(GetFaultsResponseSchema, { rules: faults.rules.map(faultRuleToProto) });
      const { rules = [] } = toJson(GetFaultsResponseSchema, response) as { rules?: FaultRule[] };
      return rules;
    },
    clear: () => faults.set([]),
  };
}

function ruleJson({ delay, retryDelay, ...rule }: FaultRule): JsonValue {
  const fields = { ...rule, delay: durationJson(delay), retryDelay: durationJson(retryDelay) };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as JsonValue;
}
