import type { ComponentChildren } from 'preact'

/** A part of the page that scrolls by itself, also with the keyboard. */
export const Scroll = (props: { class: string; label: string; children: ComponentChildren }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls with the keyboard
  <section class={props.class} tabIndex={0} aria-label={props.label}>
    {props.children}
  </section>
)

/** Buttons of which one is chosen. */
export const Chips = (props: { class?: string; label: string; children: ComponentChildren }) => (
  <fieldset class={props.class === undefined ? 'chips' : `chips ${props.class}`} aria-label={props.label}>
    {props.children}
  </fieldset>
)
