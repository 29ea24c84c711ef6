/** How often the repetitions of a line are told. */
const everyMs = 1_000;
/** Different lines with the same message that are written within that time. */
const maxKinds = 64;
/** Messages that are told apart. They are this server's own, so there are not many. */
const maxMessages = 256;

/** The lines with one message. */
interface Message {
  /** How often each line has come again, by the line without its time. */
  readonly kinds: Map<string, number>;
  /** Lines that were left out because there were too many different ones. */
  omitted: number;
}

/**
 * Writes the first of equal lines, and then every second how often it has come again, as syslog does. Lines differ
 * by everything but their time. Of different lines with the same message a bounded number is written each second,
 * so that a caller who makes up paths does not fill the log; other messages have room of their own.
 */
export class RepeatedLines {
  readonly #write: (line: string) => void;
  readonly #messages = new Map<string, Message>();
  #timer: NodeJS.Timeout | undefined;

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  /** @param line JSON of pino: level and time first, the message last */
  add(line: string): void {
    const message = this.#messageOf(line);
    const { kinds } = message;
    const kind = withoutTime(line);
    const times = kinds.get(kind);
    if (times !== undefined) {
      kinds.set(kind, times + 1);
    } else if (kinds.size < maxKinds) {
      kinds.set(kind, 0);
      this.#write(line);
    } else {
      message.omitted += 1;
    }
    this.#timer ??= setTimeout(() => this.tell(), everyMs).unref();
  }

  /** Writes what has come again until now. */
  tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const [line, message] of this.#messages) {
      for (const [kind, times] of message.kinds) {
        if (times === 0) {
          message.kinds.delete(kind);
        } else {
          message.kinds.set(kind, 0);
          this.#write(withTime(kind, `"repeated":${times}`));
        }
      }
      if (message.omitted > 0) {
        this.#write(withTime(line, `"omitted":${message.omitted}`));
        message.omitted = 0;
      }
      if (message.kinds.size === 0) this.#messages.delete(line);
    }
    if (this.#messages.size > 0) this.#timer = setTimeout(() => this.tell(), everyMs).unref();
  }

  #messageOf(line: string): Message {
    const level = line.slice(0, line.indexOf(","));
    const at = line.lastIndexOf(messageField);
    const key = `${level}${at === -1 ? noMessage : line.slice(at)}`;
    return (
      this.#messages.get(key) ??
      this.#addMessage(this.#messages.size < maxMessages ? key : `${level}${noMessage}`)
    );
  }

  #addMessage(key: string): Message {
    const message = this.#messages.get(key) ?? { kinds: new Map(), omitted: 0 };
    this.#messages.set(key, message);
    return message;
  }
}

const messageField = ',"msg":';
const noMessage = "}\n";
const timeField = /,"time":\d+/;

function withoutTime(line: string): string {
  return line.replace(timeField, "");
}

/** The line of now, with a further field after the time. */
function withTime(line: string, field: string): string {
  const at = line.search(/[,}]/);
  return `${line.slice(0, at)},"time":${Date.now()},${field}${line.slice(at)}`;
}
