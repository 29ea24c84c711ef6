import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface ProcessOptions {
  /** The CPU that it is bound to. @default any */
  readonly core?: number;
  /** Added to our own environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A child that answers on stdout, one line of JSON at a time. */
export class JsonLinesProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #lines: AsyncIterator<string>;

  constructor(command: readonly string[], { core, env = {} }: ProcessOptions = {}) {
    const [program = "", ...args] =
      core === undefined ? command : ["taskset", "-c", String(core), ...command];
    this.#name = command.slice(0, 2).join(" ");
    this.#child = spawn(program, args, {
      env: { ...process.env, ...env },
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /**
   * The next line.
   * @throws Error when the child ends before it
   */
  async next<T>(): Promise<T> {
    const line = await this.#lines.next();
    if (line.done)
      throw new Error(`${this.#name} ended with ${this.#child.exitCode ?? this.#child.signalCode}`);
    return JSON.parse(line.value) as T;
  }

  /**
   * The next line that is an object with this key; those before it are passed over, as are log lines.
   * @throws Error when the child ends before it
   */
  async nextWith<K extends string, T>(key: K): Promise<Readonly<Record<K, T>>> {
    for (;;) {
      const line = await this.next<object>();
      if (key in line) return line as Record<K, T>;
    }
  }

  /** Writes a line and waits for the next one. */
  ask<T>(request: unknown): Promise<T> {
    this.tell(request);
    return this.next<T>();
  }

  /** Writes a line. */
  tell(request: unknown): void {
    this.#child.stdin!.write(`${JSON.stringify(request)}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await ended;
  }
}
