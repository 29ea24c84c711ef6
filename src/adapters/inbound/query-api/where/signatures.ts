import type { SimpleKind } from "./value-type.ts";

/** What a function takes and gives. */
export interface Signature {
  readonly on?: readonly SimpleKind[];
  readonly takes: readonly (readonly string[])[];
  readonly gives: SimpleKind;
}

const ofTimestamp: Signature = { on: ["timestamp"], takes: [], gives: "int" };
const ofTime: Signature = { on: ["timestamp", "duration"], takes: [], gives: "int" };
/** Of the methods that look for one text in another. */
export const ofText: Signature = { on: ["string"], takes: [["string"]], gives: "bool" };
const sized = ["string", "list", "map", "object"];

export const methods: Readonly<Record<string, Signature>> = {
  contains: ofText,
  startsWith: ofText,
  endsWith: ofText,
  matches: ofText,
  size: { on: sized as SimpleKind[], takes: [], gives: "int" },
  getFullYear: ofTimestamp,
  getMonth: ofTimestamp,
  getDate: ofTimestamp,
  getDayOfMonth: ofTimestamp,
  getDayOfWeek: ofTimestamp,
  getDayOfYear: ofTimestamp,
  getHours: ofTime,
  getMinutes: ofTime,
  getSeconds: ofTime,
  getMilliseconds: ofTime,
};

export const functions: Readonly<Record<string, Signature>> = {
  size: { takes: [sized], gives: "int" },
  int: { takes: [["int", "uint", "double", "string", "timestamp", "duration"]], gives: "int" },
  uint: { takes: [["int", "uint", "double", "string"]], gives: "uint" },
  double: { takes: [["int", "uint", "double", "string"]], gives: "double" },
  bool: { takes: [["bool", "string"]], gives: "bool" },
  string: {
    takes: [["string", "bool", "int", "uint", "double", "timestamp", "duration"]],
    gives: "string",
  },
  timestamp: { takes: [["timestamp", "string", "int"]], gives: "timestamp" },
  duration: { takes: [["duration", "string", "int"]], gives: "duration" },
};
/** They read a text from its beginning to its end. */
export const conversions = ["int", "uint", "double", "bool", "timestamp", "duration"];
