import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Duration, durationFromMs } from "@bufbuild/protobuf/wkt";
import type * as pb from "../../../../gen/obsvty/v1/fault_pb.ts";
import type { FaultRuleSchema } from "../../../../gen/obsvty/v1/fault_pb.ts";
import { invalidArgument } from "../../../domain/errors.ts";
import { type Fault, type FaultRule, isFailureStatus } from "../../../domain/fault.ts";
import { type Signal, signals } from "../../../domain/signal.ts";
import { durationMs } from "../api/time-arguments.ts";

/*
 * Converts the rules of a fault script between the API's messages and the domain. A refusal names the path of
 * its field.
 */

const maxRules = 1_000;
/** A number of characters. Clients bound headers, and a gRPC error carries the message in two of them, encoded. */
const maxMessageLength = 500;
const maxDelayMs = 3_600_000;
const defaultMessage = "injected fault";

export function faultRules(rules: readonly pb.FaultRule[]): FaultRule[] {
  if (rules.length > maxRules) {
    throw invalidArgument("rules", `at most ${maxRules} rules, not ${rules.length}`);
  }
  return rules.map((rule, index) => faultRule(rule, `rules[${index}]`));
}

function faultRule(rule: pb.FaultRule, path: string): FaultRule {
  return {
    ...(rule.signal !== "" && { signal: signalOf(rule.signal, `${path}.signal`) }),
    times: rule.times || 1,
    fault: faultOf(rule, path),
  };
}

function signalOf(name: string, path: string): Signal {
  const signal = signals.find((known) => known === name);
  if (signal === undefined) {
    throw invalidArgument(path, `${JSON.stringify(name)} is not a signal; use one of ${signals.join(", ")}`);
  }
  return signal;
}

function checkedMessage(text: string, path: string): string {
  if (text.length > maxMessageLength) {
    throw invalidArgument(path, `at most ${maxMessageLength} characters, not ${text.length}`);
  }
  return text || defaultMessage;
}

function faultOf({ fault, message, retryDelay }: pb.FaultRule, path: string): Fault {
  if (fault.case !== "status" && (message !== "" || retryDelay !== undefined)) {
    const field = message !== "" ? "message" : "retry_delay";
    throw invalidArgument(`${path}.${field}`, "is allowed with a status only");
  }
  switch (fault.case) {
    case "status": {
      const status: number = fault.value;
      if (!isFailureStatus(status)) throw invalidArgument(`${path}.status`, `${status} is not a failure`);
      const retryAfterMs = delayMsOf(retryDelay, `${path}.retry_delay`);
      return {
        kind: "status",
        status,
        message: checkedMessage(message, `${path}.message`),
        ...(retryAfterMs !== undefined && { retryAfterMs }),
      };
    }
    case "partialSuccess": {
      const { rejected, message } = fault.value;
      return {
        kind: "partial-success",
        rejected,
        message: checkedMessage(message, `${path}.partial_success.message`),
      };
    }
    case "delay":
      return { kind: "delay", delayMs: delayMsOf(fault.value, `${path}.delay`) ?? 0 };
    case "reset":
      if (!fault.value) throw invalidArgument(`${path}.reset`, "must be true or not set");
      return { kind: "reset" };
    case undefined:
      throw invalidArgument(path, "has no fault; set a status, a partial success, a delay or a reset");
  }
}

function delayMsOf(duration: Duration | undefined, path: string): number | undefined {
  const ms = durationMs(duration, path);
  if (ms !== undefined && ms > maxDelayMs) {
    throw invalidArgument(path, `must be from 0s to ${maxDelayMs / 1_000}s`);
  }
  return ms;
}

export function faultRuleToProto({ signal, times, fault }: FaultRule) {
  return { signal: signal ?? "", times, ...faultToProto(fault) } satisfies MessageInitShape<
    typeof FaultRuleSchema
  >;
}

function faultToProto(fault: Fault): MessageInitShape<typeof FaultRuleSchema> {
  switch (fault.kind) {
    case "status": {
      const { status, message, retryAfterMs } = fault;
      return {
        fault: { case: "status", value: status },
        message,
        ...(retryAfterMs !== undefined && { retryDelay: durationFromMs(retryAfterMs) }),
      };
    }
    case "partial-success": {
      const { rejected, message } = fault;
      return { fault: { case: "partialSuccess", value: { rejected, message } } };
    }
    case "delay":
      return { fault: { case: "delay", value: durationFromMs(fault.delayMs) } };
    case "reset":
      return { fault: { case: "reset", value: true } };
  }
}
