import type { JSX } from "preact";
import { nameOr } from "../format/value.ts";
import { hueOfService } from "../state/service-hues.ts";

interface ServiceNameProps {
  readonly service: string;
  /** @default the one that it has in all views */
  readonly hue?: number | undefined;
}

export function ServiceName({ service, hue = hueOfService(service) }: ServiceNameProps): JSX.Element {
  return (
    <span class={`service hue-${hue}`}>
      <i aria-hidden="true" />
      <bdi>{nameOr(service, "(no service)")}</bdi>
    </span>
  );
}
