import { computed, signal } from "@preact/signals";
import type { ServerTrouble } from "../api/server-trouble.ts";
import { isToken, tokenOf } from "./route.ts";

const key = "obsvty.token";

/** The API_TOKEN of the server, kept for this tab alone. */
export const token = signal(keptToken());

/** The token of a link, while the tab has another one: it is tried before it takes the place of that. */
export const offeredToken = signal<string | undefined>(undefined);

/** What a person is told of a token of a link that did not. */
export const offerRefusal = signal("");

/** The server's words, while it wants a token that the page does not have. */
export const tokenWanted = signal<string | undefined>(undefined);

/** What is wrong with the server, by what it was seen at: a method, or one call. */
const troubles = signal<ReadonlyMap<string, ServerTrouble>>(new Map());

/** What is wrong with the server as a whole; undefined while it answers. */
export const trouble = computed<ServerTrouble | undefined>(() => [...troubles.value.values()].at(-1));

/** @param found undefined when nothing is wrong there any more */
export function noteTrouble(at: string, found: ServerTrouble | undefined): void {
  if (found === undefined && !troubles.peek().has(at)) return;
  const next = new Map(troubles.peek());
  next.delete(at);
  if (found !== undefined) next.set(at, found);
  troubles.value = next;
}

/** Forgets a trouble, unless another one has been noted there since. */
export function forgetTrouble(at: string, found: ServerTrouble): void {
  if (troubles.peek().get(at) === found) noteTrouble(at, undefined);
}

/** Another view makes other calls. */
export function forgetTroubles(): void {
  troubles.value = new Map();
}

/** Tells the person when it can be no token. */
export function signIn(text: string): void {
  if (!isToken(text)) {
    tokenWanted.value = "A token has visible ASCII characters alone, no spaces, and at most 4,096 of them.";
    return;
  }
  keepToken(text);
  token.value = text;
  tokenWanted.value = undefined;
}

/** A browser that is set to keep nothing for pages throws at each use of its storage. The page works without. */
function keptToken(): string {
  try {
    return sessionStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

function keepToken(text: string): void {
  try {
    sessionStorage.setItem(key, text);
  } catch {
    // It is known until the page is loaded anew.
  }
}

/** Takes the token out of the address, so that it is in no copied link and in no history. */
export function takeTokenOfAddress(): void {
  const found = tokenOf(location.hash);
  if (found === undefined) return;
  history.replaceState(null, "", location.pathname + (found.rest || "#/traces"));
  // One that can be none is left out: the server says whether it wants one.
  if (!isToken(found.token)) return;
  if (token.peek() === "" || token.peek() === found.token) signIn(found.token);
  else offeredToken.value = found.token;
}
