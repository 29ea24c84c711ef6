import { effect } from "@preact/signals";
import { contentTypes } from "../../otlp/content-types.ts";
import { offeredToken, offerRefusal, signIn } from "../state/session.ts";
import { authorization } from "./authorization.ts";

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
  const request = {
    method: "POST",
    headers: { "content-type": contentTypes.json, ...authorization(offered) },
    body: "{}",
  };
  const response = await fetch("obsvty.v1.QueryService/GetStats", request).catch(() => undefined);
  if (response?.ok) return "";
  const why =
    response?.status === 401
      ? "The server does not take the token of the link."
      : "The server did not say whether it takes the token of the link.";
  return `${why} The page keeps the one that it has.`;
}
