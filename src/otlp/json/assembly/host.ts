// What the host does for the reader. It derives the path of a value from the frames, and has the words for codes.

import { MARGIN, RESULT_FIELD, RESULT_FRAME } from "../reader-layout";
import { Cursor } from "./cursor";
import { Frame, Stack } from "./frames";
import { Copied, copyString } from "./strings";
import { Field } from "./table";
import { COST_OF_CALL, Work } from "./work";

// @ts-ignore: decorator
@external("host", "forget")
declare function hostForget(): void;
// @ts-ignore: decorator
@external("host", "refuse")
declare function hostRefuse(fault: u32): void;
// @ts-ignore: decorator
@external("host", "reject")
declare function hostReject(fault: u32, item: usize, items: u32): void;
// @ts-ignore: decorator
@external("host", "count")
declare function hostCount(items: u32): void;
// @ts-ignore: decorator
@external("host", "omit")
declare function hostOmit(fault: u32): void;
// @ts-ignore: decorator
@external("host", "ignore")
declare function hostIgnore(nameAt: usize, nameEnd: usize): void;

// @ts-ignore: decorator
@external("host", "warn")
declare function hostWarn(fault: u32): void;
// @ts-ignore: decorator
@external("host", "warnOfUnknownFields")
declare function hostWarnOfUnknownFields(nameAt: usize, nameEnd: usize, count: u32): void;

/** The member whose value is read, of the message at the top of the stack. */
export class Member {
  static field: Field | null = null;
}

function tellPath(field: Field | null): void {
  store<usize>(RESULT_FRAME, changetype<usize>(Stack.top));
  store<usize>(RESULT_FIELD, changetype<usize>(field));
  Work.extra += COST_OF_CALL;
}

/** The path of a list's element is that of the frame at the top. */
function tellPathOfValue(): void {
  tellPath(Stack.top.message == null ? null : Member.field);
}

/** The host forgets what it was told of the request. */
export function forget(): void {
  hostForget();
}

/** Tells why the request is refused. */
export function tellRefusal(fault: u32): void {
  tellPathOfValue();
  hostRefuse(fault);
}

/** Tells that the item is rejected, or the metric with so many items, for the value that is read. */
export function tellRejection(fault: u32, item: Frame, items: u32): void {
  tellPathOfValue();
  hostReject(fault, changetype<usize>(item), items);
}

/** Tells how many items more the newest rejection is for. */
export function tellCount(items: u32): void {
  hostCount(items);
}

/** Tells that the value that is read is left out. */
export function tellOmission(fault: u32): void {
  tellPathOfValue();
  hostOmit(fault);
}

/** Tells that the value that is read is kept in another form, or not at all. */
export function tellWarning(fault: u32): void {
  tellPathOfValue();
  hostWarn(fault);
}

/**
 * Tells that the message at the top has unknown fields, but none that leads to items.
 * @param nameAt of the first one, in the JSON
 */
export function tellIgnored(nameAt: usize): void {
  tellPath(null);
  const copy = copyOfName(nameAt);
  hostIgnore(copy, Copied.end);
}

/**
 * Tells of so many unknown fields of the message at the top.
 * @param nameAt of the first one, in the JSON; 0 when the host needs none
 */
export function tellUnknownFields(nameAt: usize, count: u32): void {
  tellPath(null);
  const copy: usize = nameAt == 0 ? 0 : copyOfName(nameAt);
  hostWarnOfUnknownFields(copy, nameAt == 0 ? 0 : Copied.end, count);
}

/** The address of a copy without escapes; it ends at `Copied.end`. */
function copyOfName(nameAt: usize): usize {
  const copy = Cursor.out + MARGIN;
  copyString(nameAt + 1, copy);
  return copy;
}
