// What the widget uses of preact, as far as it uses it.
export type View = unknown;
export function h(tag: unknown, props: unknown, ...children: unknown[]): View;
export function render(view: View, parent: Element | ShadowRoot | DocumentFragment): void;
export const Fragment: unknown;
