import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface RedirectFile {
  path: string
  remove(): void
}

/**
 * A page that leads to the link, in a folder that only this user can read. The browser gets its path: in a command line everybody on
 * the machine could read the link.
 */
export const makeRedirectFile = (link: string): RedirectFile => {
  const folder = mkdtempSync(join(tmpdir(), 'joinery-console-'))
  const path = join(folder, 'open.html')
  writeFileSync(path, `<!doctype html><meta http-equiv="refresh" content="0;url=${link}"><title>Joinery</title>\n`, {
    mode: 0o600
  })
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
