import { ObsvtyError } from "../../domain/errors.ts";
import type { Timers } from "./timers.ts";

/** The header field of an export that names the servers it went through. */
export const viaHeader = "obsvty-via";

/** A server that has handed nothing on to this one for so long is not named any more. */
const memoryMs = 600_000;
/** The newest of more servers are named: a header field has to stay below some kilobytes. */
const maxServers = 256;

const idPattern = /^[A-Za-z0-9_-]{1,32}$/;

/**
 * The servers that telemetry went through before it came here. Each names itself and those before it when it hands
 * on, and refuses what names itself: otherwise servers in a circle would send each other the same items for ever.
 *
 * Batches hold items from all of them, so all are named with each batch. It follows that a server of a circle refuses
 * everything from the one before it, also what did not go through the circle yet.
 */
export class ForwardingPath {
  readonly #ownId: string;
  readonly #timers: Timers;
  /** When each was named last; the oldest first. */
  readonly #seenAtMs = new Map<string, number>();

  /** @param ownId 1 to 32 of A-Z a-z 0-9 _ - */
  constructor(ownId: string, timers: Timers) {
    this.#ownId = ownId;
    this.#timers = timers;
  }

  /**
   * Takes note of the servers that an export names.
   * @param via the header field, which may come several times
   * @returns why the export must not be taken: it was here before
   */
  check(via: string | readonly string[] | undefined): ObsvtyError | undefined {
    if (via === undefined) return undefined;
    const nowMs = this.#timers.now();
    const ids = String(via)
      .split(",", maxServers)
      .map((id) => id.trim());
    if (ids.includes(this.#ownId)) {
      return new ObsvtyError(
        "forwarding-loop",
        "forwarding loop: the export went through this server before",
      );
    }
    for (const id of ids) {
      if (!idPattern.test(id)) continue;
      this.#seenAtMs.delete(id);
      this.#seenAtMs.set(id, nowMs);
    }
    this.#forget(nowMs);
    return undefined;
  }

  /** The value of the header field for what is handed on. */
  get value(): string {
    this.#forget(this.#timers.now());
    return [...this.#seenAtMs.keys(), this.#ownId].join(",");
  }

  #forget(nowMs: number): void {
    for (const [id, seenAtMs] of this.#seenAtMs) {
      if (this.#seenAtMs.size < maxServers && nowMs - seenAtMs < memoryMs) return;
      this.#seenAtMs.delete(id);
    }
  }
}
