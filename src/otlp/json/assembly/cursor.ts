/** Where the reader is. */
export class Cursor {
  /** The place in the JSON. */
  static at: usize = 0;
  /** Where the encoded request goes on. */
  static out: usize = 0;
}
