/* What an answer says. Something between the page and the server may have made it, which answers anything. */

/** Connect's refusal of a call. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** A person reads no more than this of what a refusal says. */
const mostCharacters = 500;

/**
 * The message that a success has. No message has a field `code` or `error`, which bodies of errors have.
 * @returns undefined when it is something else
 * @throws when it breaks off
 */
export async function messageOf(response: Response): Promise<object | undefined> {
  if (!response.headers.get("content-type")?.includes("json")) return undefined;
  const answer: unknown = await response.json();
  const isObject = typeof answer === "object" && answer !== null && !Array.isArray(answer);
  return isObject && !("code" in answer) && !("error" in answer) ? answer : undefined;
}

/** @returns undefined for a body that is no refusal of Connect's, or not all of it */
export async function refusalOf(response: Response): Promise<Refusal | undefined> {
  const answer: unknown = await response.json().catch(() => undefined);
  const { code, message = "" } = (answer ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof code !== "string" || typeof message !== "string") return undefined;
  const isLong = message.length > mostCharacters;
  return { code, message: isLong ? `${message.slice(0, mostCharacters)}…` : message };
}
