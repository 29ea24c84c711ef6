import { gzipSync } from "node:zlib";
import { signalTraits } from "../../../src/domain/signal.ts";
import { lengthDelimited, tag, varint, varintField } from "../../support/wire.ts";
import { type Attack, type AttackTarget, openHttp2, post } from "./attack.ts";
import { attribute, logRecord, logsOf } from "./bodies.ts";

// Exports that make reading dear, and the reads.

export const searchLogs = "/obsvty.v1.QueryService/SearchLogs";
const exportLogs = {
  path: signalTraits.logs.httpPath,
  contentType: "application/x-protobuf",
} as const;

/** Sends this many exports of 0.9 MB: a resource of 0.4 MB, which every answer would repeat, and 10,000 logs. */
export async function sendLargeLogs(target: AttackTarget, times: number): Promise<void> {
  const resource = lengthDelimited(1, attribute("big", Buffer.alloc(400_000, "r")));
  const record = logRecord(lengthDelimited(5, lengthDelimited(1, Buffer.alloc(40, "l"))));
  const body = logsOf(Buffer.alloc(record.byteLength * 10_000, record), resource);
  const session = openHttp2(target);
  for (let i = 0; i < times; i++) await post(session, { ...exportLogs, body });
  session.destroy();
}

/** 30 searches at once of 10,000 items that share a resource of 0.4 MB. */
export const largeAnswers: Attack = async (target) => {
  await sendLargeLogs(target, 1);
  const session = openHttp2(target);
  const body = Buffer.from(JSON.stringify({ limit: 10_000, maxBytes: 60_000_000 }));
  const search = { path: searchLogs, contentType: "application/json", body };
  await Promise.all(Array.from({ length: 30 }, () => post(session, search)));
  session.destroy();
};

/** A filter that is compared with 4 MB of the same letter. */
export const longFilter: Attack = async (target) => {
  const session = openHttp2(target);
  const value = attribute(Buffer.alloc(4_000_000, "a"), Buffer.of(0x61));
  await post(session, { ...exportLogs, body: logsOf(logRecord(lengthDelimited(6, value))) });
  const key = `${"a".repeat(16_000)}b`;
  const body = Buffer.from(JSON.stringify({ filter: { attributes: { [key]: "a" } } }));
  const search = { path: searchLogs, contentType: "application/json", body };
  await Promise.all(Array.from({ length: 5 }, () => post(session, search)));
  session.destroy();
};

/** Items with 330,000 attributes, and searches for them. */
export const manyAttributes: Attack = async (target) => {
  const session = openHttp2(target);
  const one = lengthDelimited(6, attribute("a", Buffer.of(0x61)));
  const body = logsOf(logRecord(Buffer.alloc(one.byteLength * 330_000, one)));
  for (let i = 0; i < 10; i++) await post(session, { ...exportLogs, body });
  const search = { path: searchLogs, contentType: "application/json", body: Buffer.from('{"limit":100}') };
  await Promise.all(Array.from({ length: 10 }, () => post(session, search)));
  session.destroy();
};

/** Requests that a scanner may take and a protobuf library does not, and reads of them. */
export const poison: Attack = async (target) => {
  const session = openHttp2(target);
  const overflowing = Buffer.from("80808080808080808002", "hex");
  const bodies = [
    // A tag that is padded to six bytes.
    logsOf(logRecord(varintField(2, 9), Buffer.from("fa818080800000", "hex"))),
    // Lengths of ten bytes that overflow 64 bits, of an unknown and of a known field.
    logsOf(logRecord(varintField(2, 9), tag(100, 2), overflowing)),
    Buffer.concat([tag(1, 2), varint(11), tag(1, 2), overflowing]),
  ];
  for (const body of bodies) await post(session, { ...exportLogs, body });
  const search = { path: searchLogs, contentType: "application/json", body: Buffer.from('{"limit":100}') };
  await post(session, search);
  session.destroy();
};

/** Searches of 4 MB of unknown fields, plain and compressed, which a protobuf library makes objects of. */
export const unknownFields: Attack = async (target) => {
  const session = openHttp2(target);
  const fields = Buffer.alloc(4_000_000, Buffer.of(0x78, 0));
  const search = { path: searchLogs, contentType: "application/proto" };
  await Promise.all([
    ...Array.from({ length: 5 }, () => post(session, { ...search, body: fields })),
    ...Array.from({ length: 20 }, () =>
      post(session, { ...search, body: gzipSync(fields), headers: { "content-encoding": "gzip" } }),
    ),
  ]);
  session.destroy();
};
