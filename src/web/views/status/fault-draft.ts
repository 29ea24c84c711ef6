import type { CodeJson } from "../../../../gen/google/rpc/code_pb.ts";
import type { FaultRuleJson } from "../../../../gen/obsvty/v1/fault_pb.ts";
import { parseDuration, parseSeconds, secondsText, shortDuration } from "../../format/time.ts";
import { countOf, numberText } from "../../format/value.ts";

/** The codes of gRPC that an export can be refused with (google.rpc.Code). */
export const codes = [
  "UNAVAILABLE",
  "RESOURCE_EXHAUSTED",
  "DEADLINE_EXCEEDED",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "UNAUTHENTICATED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "DATA_LOSS",
] as const satisfies readonly CodeJson[];

export const faults = {
  status: "refuse it",
  partialSuccess: "keep it, and say that items were rejected",
  delay: "wait before it is answered",
  reset: "reset the connection",
} as const;

/** What a person has typed of a rule of FaultService. */
export interface FaultDraft {
  readonly signal: string;
  readonly times: string;
  readonly fault: keyof typeof faults;
  readonly code: (typeof codes)[number];
  /** Such as `5s`; "" for none. */
  readonly retryDelay: string;
  readonly rejected: string;
  readonly message: string;
  readonly delay: string;
}

export const emptyDraft: FaultDraft = {
  signal: "",
  times: "1",
  fault: "status",
  code: "UNAVAILABLE",
  retryDelay: "",
  rejected: "1",
  message: "",
  delay: "2s",
};

const whole = (text: string): number | undefined =>
  /^\d{1,9}$/.test(text.trim()) ? Number(text) : undefined;

/** @returns what is wrong as a text, else the rule */
export function ruleOf(draft: FaultDraft): FaultRuleJson | string {
  const times = whole(draft.times);
  if (times === undefined || times === 0) return "How many exports has to be a whole number from 1 on.";
  const rule = { times, ...(draft.signal !== "" && { signal: draft.signal }) };
  const message = draft.message === "" ? {} : { message: draft.message };
  switch (draft.fault) {
    case "status": {
      if (draft.retryDelay.trim() === "") return { ...rule, ...message, status: draft.code };
      const retryDelay = parseDuration(draft.retryDelay);
      if (retryDelay === undefined) return "When to try again is a number and a unit, such as 5s.";
      return { ...rule, ...message, status: draft.code, retryDelay: secondsText(retryDelay) };
    }
    case "partialSuccess": {
      const rejected = whole(draft.rejected);
      if (rejected === undefined) return "How many items are rejected has to be a whole number.";
      return { ...rule, partialSuccess: { rejected, ...message } };
    }
    case "delay": {
      const delay = parseDuration(draft.delay);
      if (delay === undefined) return "How long to wait is a number and a unit, such as 2s.";
      return { ...rule, delay: secondsText(delay) };
    }
    case "reset":
      return { ...rule, reset: true };
  }
}

/** A rule in words. */
export function ruleText(rule: FaultRuleJson): string {
  const { signal = "", times = 0, status, partialSuccess, delay, retryDelay, message = "" } = rule;
  const count = Math.max(1, times);
  const which = `the next ${count === 1 ? "" : `${numberText(count)} `}${signal === "" ? "" : `${signal} `}export${count === 1 ? "" : "s"}`;
  const said = (text: string) => (text === "" ? "" : `, saying “${text}”`);
  if (status !== undefined) {
    const again = parseSeconds(retryDelay);
    return `${which}: refused with ${status}${again === undefined ? "" : `, to be tried again after ${shortDuration(again)}`}${said(message)}`;
  }
  if (partialSuccess !== undefined) {
    const { rejected = 0, message: text = "" } = partialSuccess;
    return `${which}: kept, ${countOf(rejected, "item")} called rejected${said(text)}`;
  }
  const waits = parseSeconds(delay);
  return waits === undefined
    ? `${which}: the connection is reset`
    : `${which}: answered after ${shortDuration(waits)}`;
}
