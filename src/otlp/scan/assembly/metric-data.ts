import { ENTRY_ACTION_SHIFT, MAX_FIELDS, ROLE_METRIC_DATA, TABLE, TABLE_FIELDS } from "../layout";
import { peekedEnd, peekVarint } from "./varints";
import { WIRE_FIXED32, WIRE_FIXED64, WIRE_LENGTH, WIRE_VARINT } from "./wire-types";

/**
 * Where the last member of the oneof `data` of the Metric in [p, end) begins. A member that is set after another one
 * replaces it; set twice in a row, it is one message in two parts (protobuf, "Oneof", "Last One Wins"). Bytes that
 * are not valid end the look: `walk` says what is wrong with them. 0 when there are more than MAX_FIELDS.
 */
export function lastDataOf(message: u32, p: usize, end: usize): usize {
  const table = <usize>TABLE + <usize>(message * TABLE_FIELDS * 4);
  let lastAt = p;
  let lastField: u32 = 0;
  for (let fields: u32 = 0; p < end; fields++) {
    if (fields == MAX_FIELDS) return 0;
    const tagAt = p;
    const tag = peekVarint(p, end);
    p = peekedEnd;
    const wire = <u32>tag & 7;
    if (wire == WIRE_LENGTH) {
      const length = peekVarint(p, end);
      p = peekedEnd;
      if (length > <u64>(end - p)) break;
      p += <usize>length;
      const field = <u32>(tag >> 3);
      const entry: u32 = field < <u32>TABLE_FIELDS ? load<u32>(table + (<usize>field << 2)) : 0;
      if (((entry >> ENTRY_ACTION_SHIFT) & 15) == ROLE_METRIC_DATA && field != lastField) {
        lastAt = tagAt;
        lastField = field;
      }
    } else if (wire == WIRE_VARINT) {
      peekVarint(p, end);
      p = peekedEnd;
    } else if (wire == WIRE_FIXED64) {
      p += 8;
    } else if (wire == WIRE_FIXED32) {
      p += 4;
    } else {
      break;
    }
  }
  return lastAt;
}
