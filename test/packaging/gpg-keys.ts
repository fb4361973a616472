import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** A folder of its own. */
export const scratch = (t: Test): string => {
  const folder = mkdtempSync(join(tmpdir(), 'joinery-apt-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  return folder
}

/** Keys that live for a year, without passphrases, in a folder of their own, since the sockets of gpg's agent have short paths. gpg makes them, and signs a `Release` as `InRelease`. */
export const openKeys = (t: Test) => {
  const home = mkdtempSync(join(tmpdir(), 'joinery-gpg-'))
  const gpg = (...words: string[]): string =>
    execFileSync('gpg', ['--homedir', home, '--batch', '--quiet', '--passphrase', '', ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore']
    })
  t.teardown(() => {
    // its agent still removes files of its own while it ends
    spawnSync('gpgconf', ['--homedir', home, '--kill', 'all'])
    rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  })
  return {
    make: (name: string, ...words: string[]): string => {
      gpg(...words, '--quick-generate-key', `${name}@joinery.invalid`, 'ed25519', 'sign', '1y')
      return gpg('--armor', '--export', `${name}@joinery.invalid`)
    },
    sign: (release: string, name: string, ...words: string[]): void => {
      const signed = release.replace(/Release$/, 'InRelease')
      gpg(...words, '--yes', '--local-user', `${name}@joinery.invalid`, '--clearsign', '--output', signed, release)
    }
  }
}
