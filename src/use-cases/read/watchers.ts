import { ObsvtyError } from "../../domain/errors.ts";

/** Each call holds a connection's buffers and at most one batch of items. */
export const defaultMaxWatchers = 100;

/** Whose call it is, and until when it lasts. */
export interface Watching {
  /**
   * The key of the client, which has a share of its own. Absent: it counts against the limit of all alone.
   */
  readonly client?: string | undefined;
  /** Ends the call too: a call that is aborted may never be resumed to say so itself. */
  readonly abort?: AbortSignal | undefined;
}

/**
 * Bounds how many long-lasting calls are open at a time, so that they cannot take all memory. One client
 * gets half of the places at most, so that it cannot keep all others out for as long as it likes.
 */
export class Watchers {
  readonly #max: number;
  readonly #maxOfClient: number;
  readonly #calls: string;
  readonly #ofClients = new Map<string, number>();
  #count = 0;

  /**
   * @param max @default 100
   * @param calls what they are, as a refusal says it
   */
  constructor(max: number = defaultMaxWatchers, calls = "Tail, WaitFor and ReadRequests") {
    this.#max = max;
    this.#maxOfClient = Math.ceil(max / 2);
    this.#calls = calls;
  }

  get count(): number {
    return this.#count;
  }

  /**
   * Counts one call more.
   * @returns ends the call; calling it again does nothing
   * @throws ObsvtyError too-many-watchers
   */
  enter({ client, abort }: Watching): () => void {
    abort?.throwIfAborted();
    if (this.#count >= this.#max) throw this.#refusal(this.#max, "");
    if (client !== undefined) {
      const ofClient = this.#ofClients.get(client) ?? 0;
      if (ofClient >= this.#maxOfClient) throw this.#refusal(this.#maxOfClient, " of one client");
      this.#ofClients.set(client, ofClient + 1);
    }
    this.#count += 1;
    let isIn = true;
    const leave = () => {
      if (isIn) {
        isIn = false;
        this.#count -= 1;
        this.#leave(client);
        abort?.removeEventListener("abort", leave);
      }
    };
    abort?.addEventListener("abort", leave);
    return leave;
  }

  #leave(client: string | undefined): void {
    if (client === undefined) return;
    const others = (this.#ofClients.get(client) ?? 0) - 1;
    if (others > 0) this.#ofClients.set(client, others);
    else this.#ofClients.delete(client);
  }

  #refusal(max: number, whose: string): ObsvtyError {
    const message = `limit of ${max} concurrent ${this.#calls} calls${whose} reached`;
    return new ObsvtyError("too-many-watchers", message);
  }
}
