/** Which server is called, and what is sent with every call. */
export interface Server {
  /** Without a slash at the end. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}
