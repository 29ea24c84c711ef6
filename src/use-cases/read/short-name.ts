const maxBytes = 1_024;
const utf8 = new TextEncoder();
const buffer = Buffer.alloc(maxBytes);

/** A name of more than 1 KiB of UTF-8 is cut and ends with "...". */
export function shortName(name: string): string {
  // No character takes more than 3 bytes for each of its UTF-16 units.
  if (name.length * 3 <= maxBytes) return name;
  const { read, written } = utf8.encodeInto(name, buffer);
  // A copy: a slice of the string would keep all of it.
  return read === name.length ? name : `${buffer.toString("utf8", 0, written)}...`;
}
