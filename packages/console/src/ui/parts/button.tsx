import type { ComponentChildren } from 'preact'
import { useId, useRef, useState } from 'preact/hooks'
import { Icon, type IconName } from './icon.tsx'
import { KeyName } from './key-name.tsx'

interface ButtonProps {
  children: ComponentChildren
  onClick?: () => void
  kind?: 'primary' | 'plain' | 'danger' | 'quiet'
  icon?: IconName
  /** Why it cannot be pressed now. It stays in the order of the keyboard, so that everybody learns why. */
  why?: string | undefined
  type?: 'button' | 'submit'
  small?: boolean
  shortcut?: string
}

export const Button = (props: ButtonProps) => {
  const { children, onClick, kind = 'plain', icon, why, type = 'button', small, shortcut } = props
  const id = useId()
  const off = why !== undefined
  return (
    <span class="button-place">
      <button
        type={type}
        class={`button ${kind}${small ? ' small' : ''}`}
        aria-disabled={off}
        aria-describedby={off ? id : undefined}
        aria-keyshortcuts={shortcut}
        title={why}
        onClick={(event) => {
          if (off) event.preventDefault()
          else onClick?.()
        }}
      >
        {off ? <Icon name="lock" /> : icon && <Icon name={icon} />}
        {children}
        {shortcut && !off && <KeyName of={shortcut} />}
      </button>
      {off && (
        <span id={id} class="hidden">
          {why}
        </span>
      )}
    </span>
  )
}

/** Puts a text into the clipboard, and says so. */
export const Copy = ({ text, label, small = true }: { text: string; label: string; small?: boolean }) => {
  const [done, setDone] = useState<'copied' | 'not copied' | undefined>(undefined)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text)
      setDone('copied')
    } catch {
      setDone('not copied')
    }
    clearTimeout(timer.current)
    timer.current = setTimeout(() => setDone(undefined), 2000)
  }
  return (
    <button type="button" class={`button quiet${small ? ' small' : ''}`} onClick={() => void copy()}>
      <Icon name="copy" />
      <span aria-live="polite">{done === undefined ? label : done === 'copied' ? 'Copied' : 'Select it by hand'}</span>
    </button>
  )
}
