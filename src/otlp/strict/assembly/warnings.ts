// What the check has to warn of: for each kind how often, and where it is first.

import { WARN_KINDS, WARNING_BYTES, WARNINGS } from "../layout";

export function beginWarnings(): void {
  memory.fill(WARNINGS, 0, WARN_KINDS * WARNING_BYTES);
}

/** @param at address of the tag or the value that it is about */
export function warn(kind: u32, at: usize, detail: u32): void {
  const entry = <usize>WARNINGS + <usize>(kind * WARNING_BYTES);
  const count = load<u32>(entry);
  store<u32>(entry, count + 1);
  if (count == 0) {
    store<u32>(entry + 4, <u32>at);
    store<u32>(entry + 8, detail);
  }
}
