import type { JSX } from "preact";
import { hueOf } from "../format/value.ts";

export function ServiceName({ service }: { readonly service: string }): JSX.Element {
  return (
    <span class={`service hue-${hueOf(service)}`}>
      <i aria-hidden="true" />
      {service || "(no service)"}
    </span>
  );
}
