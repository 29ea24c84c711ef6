import { effect } from "@preact/signals";
import { contentTypes } from "../../otlp/content-types.ts";
import { offeredToken, offerRefusal, signIn } from "../state/session.ts";

const kept = "The page keeps the one that it has.";

/** Tries the token of each link that comes while the tab has another one, and signs in by it when the server takes it. */
export function tryOfferedTokens(): void {
  effect(() => {
    const { value: offered } = offeredToken;
    if (offered !== undefined) void tryToken(offered);
  });
}

async function tryToken(offered: string): Promise<void> {
  offerRefusal.value = "";
  const refusal = await refusalOf(offered);
  // Another link may have come meanwhile.
  if (offeredToken.peek() !== offered) return;
  offeredToken.value = undefined;
  offerRefusal.value = refusal;
  if (refusal === "") signIn(offered);
}

/** @returns "" when the server takes it */
async function refusalOf(offered: string): Promise<string> {
  try {
    const { ok, status } = await fetch("obsvty.v1.QueryService/GetStats", {
      method: "POST",
      headers: { "content-type": contentTypes.json, authorization: `Bearer ${offered}` },
      body: "{}",
    });
    if (ok) return "";
    return status === 401
      ? `The server does not take the token of the link. ${kept}`
      : `The server did not say whether it takes the token of the link. ${kept}`;
  } catch {
    return `The server did not say whether it takes the token of the link. ${kept}`;
  }
}
