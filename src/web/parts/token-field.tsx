import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { signIn } from "../state/session.ts";
import "../styles/start.css";

export function TokenField({ reason }: { readonly reason: string }): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <section class="view start" aria-labelledby="token-title">
      <h1 id="token-title">This server wants its token</h1>
      <p role="alert">{reason}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          signIn(field.current?.value.trim() ?? "");
        }}
      >
        <label>
          API_TOKEN <input type="password" ref={field} autocomplete="off" required />
        </label>{" "}
        <button type="submit">sign in</button>
      </form>
      <p class="quiet">
        It is kept for this tab alone, and forgotten when the tab is closed. A link that ends with #token= and
        the token signs in too.
      </p>
    </section>
  );
}
