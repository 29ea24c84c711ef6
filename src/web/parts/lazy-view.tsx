import { useSignal } from "@preact/signals";
import type { ComponentType, JSX } from "preact";
import { useEffect } from "preact/hooks";

type Loaded = { readonly component: ComponentType } | { readonly failure: string };

/** A view whose code comes with its first use, so that the first load of the page stays small. */
export function lazyView(load: () => Promise<ComponentType>): () => JSX.Element {
  let loaded: ComponentType | undefined;
  return function LazyView() {
    const state = useSignal<Loaded | undefined>(loaded && { component: loaded });
    const bring = async () => {
      try {
        loaded = await load();
        state.value = { component: loaded };
      } catch {
        state.value = { failure: "This part of the page did not come from the server." };
      }
    };
    useEffect(() => {
      if (loaded === undefined) void bring();
    }, []);
    const now = state.value;
    if (now === undefined) return <section class="view" aria-busy="true" />;
    if ("component" in now) return <now.component />;
    return (
      <section class="view">
        <p class="notice bad" role="alert">
          {now.failure} When the server was replaced by another version, the page has to be loaded anew.{" "}
          <button type="button" onClick={() => location.reload()}>
            load anew
          </button>
        </p>
      </section>
    );
  };
}
