import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

/** A part of the details, with a heading that a screen reader can jump to. */
export const Section = ({
  title,
  hint,
  children
}: {
  title: ComponentChildren
  hint?: string | undefined
  children: ComponentChildren
}) => {
  const id = useId()
  return (
    <section class="section" aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      {hint && <p class="hint">{hint}</p>}
      {children}
    </section>
  )
}
