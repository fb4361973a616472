import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** Folder of the repository, which a release is made in. */
export const project = resolve(import.meta.dirname, '../..')

/** Where the files of a release come to lie. */
export const dist = `${project}/dist`

/** Where public keys lie that signatures are verified by. */
export const keys = {
  /** Of SHA256SUMS and of the tag, as ssh-keygen(1) has it. */
  signers: 'packaging/release/keys/allowed_signers',
  /** Of the apt repository. */
  apt: 'packaging/release/keys/apt.asc'
}

/** The text of a file of the repository. */
export const read = (file: string): string => readFileSync(`${project}/${file}`, 'utf8')

/** What Git prints. Throws where it fails. */
export const git = (...args: string[]): string =>
  execFileSync('git', args, { cwd: project, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trimEnd()

/** The name of the provenance of a version, in `dist`. `debian`: as a package of Debian has the version. */
export const provenanceName = (debian: string): string => `joinery_${debian}.intoto.json`
