import { decodeProfile, type Profile } from "../../../otlp/decode/profile.ts";
import { ProfileDictionary } from "../../../otlp/decode/profile-dictionary.ts";
import { throughSteps } from "../in-steps.ts";
import type { ReadDependencies } from "../read-dependencies.ts";

/** A profile with what its indices mean. */
export interface ReadProfile {
  readonly profile: Profile;
  /** The encoded Profile message. */
  readonly bytes: Uint8Array;
  readonly dictionary: ProfileDictionary;
}

type Dependencies = Pick<ReadDependencies, "store" | "unreadable" | "pace" | "turns">;

/** Reads profiles, each with the dictionary of its request. */
export class ProfileReading {
  readonly #dependencies: Dependencies;
  readonly #abort: AbortSignal | undefined;
  /** Neighbours are often of one request, which may have thousands of profiles: they share its dictionary. */
  #last: { readonly ordinal: number; readonly dictionary: ProfileDictionary } | undefined;
  #unreadable = 0;

  constructor(dependencies: Dependencies, abort: AbortSignal | undefined) {
    this.#dependencies = dependencies;
    this.#abort = abort;
  }

  /** How many could not be decoded. */
  get unreadable(): number {
    return this.#unreadable;
  }

  /**
   * Undefined when the profile is not held any more, or cannot be decoded. A promise for one that takes longer than one
   * turn of the event loop may.
   */
  read(ordinal: number): ReadProfile | undefined | Promise<ReadProfile | undefined> {
    return throughSteps(this.#dependencies, this.#read(ordinal), this.#abort);
  }

  *#read(ordinal: number): Generator<void, ReadProfile | undefined, undefined> {
    const { store, unreadable } = this.#dependencies;
    const encoded = store.read("profiles", ordinal);
    if (encoded === undefined) return undefined;
    try {
      const dictionary = yield* this.#dictionaryOf(ordinal);
      return { profile: yield* decodeProfile(encoded, dictionary), bytes: encoded.item, dictionary };
    } catch {
      this.#unreadable += 1;
      unreadable.note("profiles", ordinal);
      return undefined;
    }
  }

  *#dictionaryOf(ordinal: number): Generator<void, ProfileDictionary, undefined> {
    if (this.#last === undefined || !this.#areOfOneRequest(this.#last.ordinal, ordinal)) {
      // The request with this profile alone has the dictionary of all.
      const [request] = this.#dependencies.store.readRequests("profiles", ordinal, {
        maxBytes: 1,
        maxRequests: 1,
        maxRequestItems: 1,
      });
      const dictionary = yield* ProfileDictionary.of(request?.bytes ?? new Uint8Array());
      this.#last = { ordinal, dictionary };
    }
    return this.#last.dictionary;
  }

  /** Whether the bytes held from there on, which are those of whole requests, are the same. */
  #areOfOneRequest(ordinal: number, other: number): boolean {
    const { store } = this.#dependencies;
    const { first } = store.range("profiles");
    if (ordinal < first || other < first) return false;
    return store.bytesFrom("profiles", ordinal) === store.bytesFrom("profiles", other);
  }
}
