import { spawn } from 'node:child_process'

interface Environment {
  DISPLAY?: string | undefined
  WAYLAND_DISPLAY?: string | undefined
}

/** Opens a file in the user's browser. Undefined if there is no screen, and for root, as whom no browser should run. */
export const browserOf = (
  { DISPLAY, WAYLAND_DISPLAY }: Environment,
  isRoot: boolean,
  start: typeof spawn = spawn
): ((file: string) => void) | undefined => {
  if (isRoot || !(DISPLAY || WAYLAND_DISPLAY)) return undefined
  return (file) => {
    const child = start('xdg-open', [file], { detached: true, stdio: 'ignore' })
    // the link is printed as well
    child.on('error', () => {})
    child.unref()
  }
}
