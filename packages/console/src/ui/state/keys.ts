import { signal } from '@preact/signals'
import { useLayoutEffect } from 'preact/hooks'
import { keep, kept } from './kept.ts'

/** Acts of keys, each by the name of its key in `KeyboardEvent.key`. */
export type Keys = Readonly<Record<string, () => void>>

const place = 'joinery-keys'

/** False if a person has switched the keys of a single letter off, because they speak to their browser, or type by accident. */
export const signsAreKeys = signal(kept(place) !== 'off')

export const switchKeys = (on: boolean): void => {
  signsAreKeys.value = on
  keep(place, on ? 'on' : 'off')
}

const isTyped = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

const isTicked = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement && (target.type === 'checkbox' || target.type === 'radio')

/** True for a key that belongs to the browser, to a dialog, or to the thing that has the keyboard. */
const isOthers = ({ key, target, ctrlKey, altKey, metaKey, defaultPrevented }: KeyboardEvent): boolean => {
  if (ctrlKey || altKey || metaKey || defaultPrevented) return true
  if (document.querySelector('dialog[open]') !== null) return true
  const isArrow = key.startsWith('Arrow')
  if (isTyped(target) && (isArrow || !isTicked(target))) return true
  // arrows scroll what has the keyboard
  return isArrow && target instanceof Element && target.closest('.detail, .side') !== null
}

/**
 * Keys of the page, while no dialog is open and nobody types. A key with Ctrl, Alt or Meta is the browser's: nothing that a screen
 * reader or a browser uses is taken away.
 */
export const useKeys = (keys: Keys): void => {
  // before the rows are painted: a key is pressed as soon as they are seen
  useLayoutEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      const act = keys[event.key]
      if (act === undefined || isOthers(event)) return
      if (event.key.length === 1 && !signsAreKeys.peek()) return
      event.preventDefault()
      act()
    }
    addEventListener('keydown', pressed)
    return () => removeEventListener('keydown', pressed)
  })
}
