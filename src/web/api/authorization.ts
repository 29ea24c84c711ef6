import { token } from "../state/session.ts";

/** The header that a call needs when the server has an API_TOKEN. @param of the tab's own by default; "" makes no header */
export function authorization(of = token.peek()): { readonly authorization?: string } {
  return of === "" ? {} : { authorization: `Bearer ${of}` };
}
