import type { BatchOutcome } from "../../use-cases/hand-on/batch.ts";
import type { FileRequest, Unreadable } from "./file-requests.ts";

/** So many faults are told one by one. */
const maxTold = 20;

/** What became of what was read. Counts of items, but for those of requests and parts. */
export class Tally {
  /** Requests that were begun to be sent. */
  requests = 0;
  sent = 0;
  accepted = 0;
  /** Items that the endpoint refused. */
  refused = 0;
  /** Items that were left out of requests because a value does not fit. */
  leftOut = 0;
  /** Lines or messages of which nothing could be read. */
  unreadable = 0;
  readonly #say: (message: string) => void;
  #faults = 0;

  /** @param say takes one line */
  constructor(say: (message: string) => void) {
    this.#say = say;
  }

  /** Whether all that was read has been accepted. */
  get isWhole(): boolean {
    return this.refused + this.leftOut + this.unreadable === 0 && this.sent === this.accepted;
  }

  addSent({ items }: FileRequest): void {
    this.requests += 1;
    this.sent += items;
  }

  addOutcome({ where }: FileRequest, { delivered, refused, code }: BatchOutcome): void {
    this.accepted += delivered;
    this.refused += refused;
    if (refused > 0) this.#tell(`${where}: ${refused} refused${code === undefined ? "" : ` (${code})`}`);
  }

  addUnreadable({ where, reason, items }: Unreadable): void {
    if (items > 0) this.leftOut += items;
    else this.unreadable += 1;
    this.#tell(`${where}: ${reason}`);
  }

  /** Says how many faults were not told one by one. */
  sayRest(): void {
    if (this.#faults > maxTold) this.#say(`${this.#faults - maxTold} more faults like these are not shown`);
  }

  #tell(message: string): void {
    this.#faults += 1;
    if (this.#faults <= maxTold) this.#say(message);
  }
}
