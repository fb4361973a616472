import type { ComponentChildren } from 'preact'

/** The heading of a page, with what it is for and what can be done on it. */
export const PageHead = ({ title, hint, children }: { title: string; hint?: string; children?: ComponentChildren }) => (
  <header class="page-head">
    <div>
      <h1 tabIndex={-1}>{title}</h1>
      {hint && <p class="hint">{hint}</p>}
    </div>
    {children && <div class="actions">{children}</div>}
  </header>
)
