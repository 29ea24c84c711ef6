import { signal } from "@preact/signals";
import { tokenOf } from "./route.ts";

const key = "obsvty.token";

/** The API_TOKEN of the server, kept for this tab alone. */
export const token = signal(sessionStorage.getItem(key) ?? "");

/** The server's words, while it wants a token that the page does not have. */
export const tokenWanted = signal<string | undefined>(undefined);

/** What is wrong with the server as a whole; undefined while it answers. */
export const trouble = signal<string | undefined>(undefined);

export function signIn(text: string): void {
  sessionStorage.setItem(key, text);
  token.value = text;
  tokenWanted.value = undefined;
}

/** Takes the token out of the address, so that it is in no copied link and in no history. */
export function takeTokenOfAddress(): void {
  const found = tokenOf(location.hash);
  if (found === undefined) return;
  history.replaceState(null, "", `${location.pathname}#/traces`);
  signIn(found);
}
