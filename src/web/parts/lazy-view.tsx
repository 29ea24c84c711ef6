import { useSignal } from "@preact/signals";
import type { ComponentType, JSX } from "preact";
import { useEffect } from "preact/hooks";

/** A part of the page whose code comes with its first use, so that the first load of the page stays small. */
export function lazyView<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): (props: Props) => JSX.Element {
  let loaded: ComponentType<Props> | undefined;
  return function LazyView(props) {
    const arrived = useSignal(loaded !== undefined);
    const failed = useSignal(false);
    const bring = async () => {
      try {
        loaded = await load();
        arrived.value = true;
      } catch {
        failed.value = true;
      }
    };
    useEffect(() => {
      if (loaded === undefined) void bring();
    }, []);
    const View = loaded;
    if (arrived.value && View !== undefined) return <View {...props} />;
    if (!failed.value) return <section class="view" aria-busy="true" />;
    return (
      <section class="view">
        <PartMissing />
      </section>
    );
  };
}

/** In place of a part of the page whose code did not come. */
export function PartMissing(): JSX.Element {
  return (
    <p class="notice bad" role="alert">
      This part of the page did not come from the server. When the server was replaced by another version, the
      page has to be loaded anew.{" "}
      <button type="button" onClick={() => location.reload()}>
        load anew
      </button>
    </p>
  );
}
