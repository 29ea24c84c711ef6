import { once } from "node:events";
import { styleText } from "node:util";
import { type DescMessage, type MessageShape, toJsonString } from "@bufbuild/protobuf";
import { apiJsonWriteOptions } from "../../api/json-options.ts";
import type { View } from "./line.ts";
import { truncate, visible, visibleJson } from "./visible.ts";

/** A stream of the process: a terminal, a pipe or a file. */
export interface OutputStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

export interface OutputOptions {
  readonly stdout: OutputStream;
  readonly stderr: NodeJS.WritableStream;
  /** @default text on a terminal, JSON lines elsewhere */
  readonly format?: "json" | "text" | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** It aborts when stdout has no reader any more. */
  readonly abort: AbortSignal;
}

/** Where the terminal says that it has 0 columns, as over some serial lines, COLUMNS counts, else 80. */
function columnsOf({ columns = 0 }: OutputStream, { COLUMNS = "" }: NodeJS.ProcessEnv): number {
  if (columns > 0) {
    return columns;
  }
  return /^[1-9]\d{0,4}$/.test(COLUMNS) ? Number(COLUMNS) : 80;
}

/** Characters of one write: a large answer is never one string. */
const writeLength = 65_536;

/** Prints what a command found: text for people, or the API's JSON with one item on a line. */
export class Output {
  readonly isText: boolean;
  readonly #options: OutputOptions;
  #status = "";

  constructor(options: OutputOptions) {
    this.#options = options;
    this.isText = options.format === undefined ? options.stdout.isTTY === true : options.format === "text";
  }

  /** The view of lines on stdout, as wide as the terminal is now. */
  get view(): View {
    const { stdout, env } = this.#options;
    return {
      columns: stdout.isTTY ? columnsOf(stdout, env) : Number.POSITIVE_INFINITY,
      nowMs: Date.now(),
      // Looks at NO_COLOR, FORCE_COLOR and whether the stream is a terminal: in Node 22 for one style at a time.
      paint: (style, text) =>
        [style].flat().reduce((painted, one) => styleText(one, painted, { stream: stdout }), text),
    };
  }

  /** Prints lines in large writes, and waits for a slow reader between them. */
  async lines(lines: Iterable<string>): Promise<void> {
    let some = "";
    for (const line of lines) {
      some += `${line}\n`;
      if (some.length >= writeLength) {
        await this.#write(some);
        some = "";
      }
    }
    await this.#write(some);
  }

  async json<Desc extends DescMessage>(schema: Desc, messages: readonly MessageShape<Desc>[]): Promise<void> {
    await this.jsonText(
      Iterator.from(messages).map((message) => toJsonString(schema, message, apiJsonWriteOptions)),
    );
  }

  /** Prints JSON texts as they are; a terminal gets their control characters escaped. */
  async jsonText(texts: Iterable<string>): Promise<void> {
    await this.lines(this.#options.stdout.isTTY ? Iterator.from(texts).map(visibleJson) : texts);
  }

  /** Whether stdout is a terminal. */
  get isTerminal(): boolean {
    return this.#options.stdout.isTTY === true;
  }

  /** Writes bytes as they are, or on a terminal JSON text with its control characters escaped. */
  async bytes(bytes: Uint8Array): Promise<void> {
    await this.#write(this.isTerminal ? visibleJson(Buffer.from(bytes).toString()) : bytes);
  }

  /** The lines that the terminal shows; 24 where it does not say. */
  get rows(): number {
    return this.#options.stdout.rows || 24;
  }

  /** Writes an escape sequence to the terminal. */
  async control(sequence: string): Promise<void> {
    await this.#write(sequence);
  }

  async #write(text: string | Uint8Array): Promise<void> {
    const { stdout, abort } = this.#options;
    abort.throwIfAborted();
    if (text.length > 0 && !stdout.write(text)) {
      await once(stdout, "drain", { signal: abort });
    }
  }

  /** One line on stderr. */
  say(message: string): void {
    const { stderr } = this.#options;
    const status = this.#status;
    this.showStatus("");
    stderr.write(`obsvty: ${visible(message)}\n`);
    this.showStatus(status);
  }

  /** The columns of a status on stderr; 0 when it is no terminal. */
  get statusColumns(): number {
    const { stderr, env } = this.#options;
    const terminal: OutputStream = stderr;
    return terminal.isTTY === true ? columnsOf(terminal, env) : 0;
  }

  /** On a terminal: shows a line that the next one takes the place of. "" for none. */
  showStatus(text: string): void {
    if (this.statusColumns === 0 || text === this.#status) return;
    this.#status = text;
    // Back to the start of the line, which is then cleared to its end.
    this.#options.stderr.write(`\r\x1b[K${truncate(visible(text), this.statusColumns - 1)}`);
  }
}
