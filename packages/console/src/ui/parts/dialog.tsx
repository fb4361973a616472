import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { Icon } from './icon.tsx'

interface DialogProps {
  title: string
  children: ComponentChildren
  /** Buttons, the one that acts first. */
  buttons?: ComponentChildren
  onClose: () => void
  onSubmit?: () => void
  wide?: boolean
}

/** A question before an act. The browser keeps the focus inside, Escape closes it, and the focus goes back where it was. */
export const Dialog = ({ title, children, buttons, onClose, onSubmit, wide }: DialogProps) => {
  const element = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const before = document.activeElement
    element.current?.showModal()
    // a person who has to type something begins there; else Enter does what was asked for
    const first = element.current?.querySelector<HTMLElement>('.dialog-body input, footer button')
    first?.focus()
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  return (
    <dialog
      ref={element}
      class={wide ? 'dialog wide' : 'dialog'}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault()
          onSubmit?.()
        }}
      >
        <header>
          <h2 id={id}>{title}</h2>
          <button type="button" class="button quiet small" aria-label="Close" onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        <div class="dialog-body">{children}</div>
        {buttons && <footer>{buttons}</footer>}
      </form>
    </dialog>
  )
}
