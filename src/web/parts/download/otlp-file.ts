/*
 * A file of OTLP/JSON, made of what lies in its one list, such as `resourceLogs`. It is held in the memory of the tab, and
 * bounded therefore.
 */

/** What a file has at most, in characters. */
const mostCharacters = 32 * 1024 * 1024;

export interface OtlpFile {
  /** Its text, in parts. */
  readonly parts: readonly string[];
  /** Whether it takes no more. */
  readonly isFull: boolean;
  /** Adds resources with what they hold, unless they are too many. */
  add(resources: readonly unknown[]): boolean;
}

/** @param list the name of the list, such as `resourceLogs` */
export function otlpFile(list: string, most = mostCharacters): OtlpFile {
  const texts: string[] = [];
  let characters = 0;
  let isFull = false;
  return {
    get parts() {
      return [`{${JSON.stringify(list)}:[`, texts.join(","), "]}"];
    },
    get isFull() {
      return isFull;
    },
    add(resources) {
      const text = resources.map((resource) => JSON.stringify(resource)).join(",");
      isFull ||= characters + text.length > most;
      if (isFull || text === "") return !isFull;
      texts.push(text);
      characters += text.length;
      return true;
    },
  };
}
