import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { LogRecordJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import { type CallError, call, refusesCursor } from "../../api/call.ts";
import { untilDone } from "../../api/repeat.ts";

interface ChosenRecord {
  readonly record: LogRecordJson | undefined;
  /** The server does not hold it any more, or never did. */
  readonly isGone: boolean;
}

/**
 * The log record that the address names, whether it is in a list or has to be read.
 * @param cursor names it; "" for none
 * @param listed the same record, where the list has it
 */
export function useRecord(cursor: string, listed: LogRecordJson | undefined): ChosenRecord {
  const read = useSignal<ChosenRecord & { readonly cursor: string }>({
    cursor: "",
    record: undefined,
    isGone: false,
  });
  const isListed = listed !== undefined;
  useEffect(() => {
    if (cursor === "" || isListed || read.peek().cursor === cursor) return undefined;
    return untilDone(async (abort) => {
      const record = await readRecord(cursor, abort);
      read.value = { cursor, record, isGone: record === undefined };
    });
  }, [cursor, isListed]);
  if (cursor === "") return { record: undefined, isGone: false };
  const known = read.value.cursor === cursor ? read.value : { record: undefined, isGone: false };
  return listed === undefined ? known : { record: listed, isGone: false };
}

async function readRecord(cursor: string, abort: AbortSignal): Promise<LogRecordJson | undefined> {
  try {
    // The cursor of a record stands just after it.
    const { logs = [] } = await call("SearchLogs", { before: cursor, limit: 1 }, abort);
    return logs.find((record) => record.cursor === cursor);
  } catch (error) {
    if (refusesCursor(error as CallError)) return undefined;
    throw error;
  }
}
