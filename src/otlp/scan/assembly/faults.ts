import { control } from "./control";
import { RESULT_FAULT, RESULT_FAULT_AT, RESULT_FAULT_DETAIL } from "../layout";

/** Notes why the request is not the message, and where. Returns false. */
export function fault(code: u32, at: usize, detail: u32): bool {
  store<u32>(control + RESULT_FAULT, code);
  store<u32>(control + RESULT_FAULT_AT, <u32>at);
  store<u32>(control + RESULT_FAULT_DETAIL, detail);
  return false;
}
