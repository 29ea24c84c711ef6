/** What the command line needs for TLS, in PEM. */
export interface ClientTls {
  /** The authorities that are trusted, in place of the usual ones. */
  readonly ca?: Buffer;
  /** The certificate and the key that the server may ask for. */
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/** Which server is called, and what is sent with every call. */
export interface Server {
  /** The URL has no slash at its end. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls?: ClientTls;
}
