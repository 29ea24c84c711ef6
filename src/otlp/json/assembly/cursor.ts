/** Where the reader is. */
export class Cursor {
  /** In the JSON. */
  static at: usize = 0;
  /** Where the encoded request goes on. */
  static out: usize = 0;
}
