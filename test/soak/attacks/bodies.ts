import { lengthDelimited } from "../../support/wire.ts";

// Exports of logs: attackers leave the traces to the load, whose items are counted.

/** An ExportLogsServiceRequest with one resource and one scope: `fields` are the fields of its ScopeLogs. */
export function logsOf(fields: Uint8Array, resource: Uint8Array = Buffer.alloc(0)): Uint8Array {
  return lengthDelimited(1, lengthDelimited(1, resource), lengthDelimited(2, fields));
}

/** A field of ScopeLogs: one log record. */
export function logRecord(...fields: readonly Uint8Array[]): Uint8Array {
  return lengthDelimited(2, ...fields);
}

/** One log record whose body is this text. */
export function textLog(text: Uint8Array): Uint8Array {
  return logsOf(logRecord(lengthDelimited(5, lengthDelimited(1, text))));
}

/** A KeyValue with a string. */
export function attribute(key: string | Uint8Array, value: Uint8Array): Uint8Array {
  return Buffer.concat([lengthDelimited(1, Buffer.from(key)), lengthDelimited(2, lengthDelimited(1, value))]);
}
