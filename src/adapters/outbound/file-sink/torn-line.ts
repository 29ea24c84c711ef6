import type { FileHandle } from "node:fs/promises";

export interface LastLine {
  /** Whether the file may be one of OTLP/JSON lines; an empty one is. */
  readonly isOurs: boolean;
  /** Bytes of the file up to the end of its last whole line. */
  readonly end: number;
  /** The last line is whole but for its newline. */
  readonly lacksNewline: boolean;
}

const newline = 0x0a;
/** How a line begins, of each signal. The dictionary of profiles may come first. */
const beginnings = ['{"resource', '{"dictionary'];
const beginningBytes = Math.max(...beginnings.map(({ length }) => length));
const blockBytes = 64 * 1_024;
/** A line that is longer is not looked at: it is taken for torn. */
const maxLineBytes = 16 * 2 ** 20;

/** Looks where the last whole line of a file ends. A process that was killed, or a full disk, leaves a torn one. */
export async function endOfLastLine(handle: FileHandle, size: number): Promise<LastLine> {
  if (size === 0) return { isOurs: true, end: 0, lacksNewline: false };
  const isOurs = await beginsAsOurs(handle, 0, size);
  const [last] = await read(handle, size - 1, 1);
  const whole = { isOurs, end: size, lacksNewline: false };
  if (!isOurs || last === newline) return whole;
  const start = await startOfLastLine(handle, size);
  if (!(await beginsAsOurs(handle, start, size))) return { ...whole, isOurs: false };
  const isWhole = size - start <= maxLineBytes && isJson(await read(handle, start, size - start));
  return isWhole ? { ...whole, lacksNewline: true } : { ...whole, end: start };
}

/** Whether the line at `at` begins as a request does, as far as it goes. */
async function beginsAsOurs(handle: FileHandle, at: number, size: number): Promise<boolean> {
  const line = (await read(handle, at, Math.min(beginningBytes, size - at))).toString("latin1");
  return beginnings.some((beginning) => beginning.startsWith(line) || line.startsWith(beginning));
}

async function startOfLastLine(handle: FileHandle, size: number): Promise<number> {
  for (let end = size; end > 0; ) {
    const at = Math.max(0, end - blockBytes);
    const found = (await read(handle, at, end - at)).lastIndexOf(newline);
    if (found !== -1) return at + found + 1;
    end = at;
  }
  return 0;
}

function isJson(text: Buffer): boolean {
  try {
    JSON.parse(text.toString());
    return true;
  } catch {
    return false;
  }
}

async function read(handle: FileHandle, at: number, byteLength: number): Promise<Buffer> {
  const bytes = Buffer.alloc(byteLength);
  const { bytesRead } = await handle.read(bytes, 0, byteLength, at);
  return bytes.subarray(0, bytesRead);
}
