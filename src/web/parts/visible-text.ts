import { options, type VNode } from "preact";
import { visible } from "../format/visible.ts";

/** The properties of elements that a person reads. Fields keep what is in them. */
const shownProperties = ["title", "aria-label"] as const;

/** Shows hidden characters in whatever the page draws, so that no view can forget to. */
export function showHiddenCharacters(): void {
  const before = options.vnode;
  options.vnode = (vnode) => {
    show(vnode as VNode<Record<string, unknown>>);
    before?.(vnode);
  };
}

function show(vnode: VNode<Record<string, unknown>>): void {
  const { type, props } = vnode;
  if (typeof props === "string") {
    // Preact makes a node without a type of each text.
    vnode.props = visible(props) as never;
  } else if (typeof type === "string") {
    for (const name of shownProperties) {
      const text = props[name];
      if (typeof text === "string") props[name] = visible(text);
    }
  }
}
