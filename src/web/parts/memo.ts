import { Component, type ComponentType, type VNode } from "preact";

/** A component that is drawn again only when one of its properties is another one. */
export function memo<Props extends object>(draw: (props: Props) => VNode): ComponentType<Props> {
  return class extends Component<Props> {
    override shouldComponentUpdate(next: Readonly<Props>): boolean {
      const now: Readonly<Props> = this.props;
      const names = Object.keys({ ...now, ...next }) as (keyof Props)[];
      return names.some((name) => now[name] !== next[name]);
    }
    override render(): VNode {
      return draw(this.props);
    }
  };
}
