import { useEffect } from 'preact/hooks'

/** Acts of keys, each by the name of its key in `KeyboardEvent.key`. */
export type Keys = Readonly<Record<string, () => void>>

const isTyped = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

const isTicked = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement && (target.type === 'checkbox' || target.type === 'radio')

/**
 * Keys of the page, while no dialog is open and nobody types. A key with Ctrl, Alt or Meta is the browser's: nothing that a screen
 * reader or a browser uses is taken away.
 */
export const useKeys = (keys: Keys): void => {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      const { key, target, ctrlKey, altKey, metaKey, defaultPrevented } = event
      if (ctrlKey || altKey || metaKey || defaultPrevented) return
      if (document.querySelector('dialog[open]') !== null) return
      if (isTyped(target) && !(isTicked(target) && !key.startsWith('Arrow'))) return
      const act = keys[key]
      if (act === undefined) return
      event.preventDefault()
      act()
    }
    addEventListener('keydown', pressed)
    return () => removeEventListener('keydown', pressed)
  })
}
