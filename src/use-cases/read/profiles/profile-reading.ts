import { decodeProfile, type Profile } from "../../../otlp/decode/profile.ts";
import { ProfileDictionary } from "../../../otlp/decode/profile-dictionary.ts";
import type { ReadDependencies } from "../read-dependencies.ts";

/** A profile with what its indices mean. */
export interface ReadProfile {
  readonly profile: Profile;
  /** The encoded Profile message. */
  readonly bytes: Uint8Array;
  readonly dictionary: ProfileDictionary;
}

/** Reads profiles, each with the dictionary of its request. */
export class ProfileReading {
  readonly #dependencies: Pick<ReadDependencies, "store" | "unreadable">;
  /** Neighbours are often of one request: they share its dictionary. */
  #last: { readonly tables: Uint8Array; readonly dictionary: ProfileDictionary } | undefined;
  #unreadable = 0;

  constructor(dependencies: Pick<ReadDependencies, "store" | "unreadable">) {
    this.#dependencies = dependencies;
  }

  /** How many could not be decoded. */
  get unreadable(): number {
    return this.#unreadable;
  }

  /** Undefined when the profile is not held any more, or cannot be decoded. */
  read(ordinal: number): ReadProfile | undefined {
    const { store, unreadable } = this.#dependencies;
    const encoded = store.read("profiles", ordinal);
    // The request with this profile alone, which has the dictionary of all.
    const [request] = store.readRequests("profiles", ordinal, {
      maxBytes: 1,
      maxRequests: 1,
      maxRequestItems: 1,
    });
    if (encoded === undefined || request === undefined) return undefined;
    try {
      const dictionary = this.#dictionaryOf(request.bytes);
      return { profile: decodeProfile(encoded, dictionary), bytes: encoded.item, dictionary };
    } catch {
      this.#unreadable += 1;
      unreadable.note("profiles", ordinal);
      return undefined;
    }
  }

  #dictionaryOf(request: Uint8Array): ProfileDictionary {
    const tables = ProfileDictionary.tablesOf(request);
    if (this.#last === undefined || Buffer.compare(this.#last.tables, tables) !== 0) {
      this.#last = { tables, dictionary: new ProfileDictionary(tables) };
    }
    return this.#last.dictionary;
  }
}
