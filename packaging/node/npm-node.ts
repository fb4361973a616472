import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import packageJson from '../../package.json' with { type: 'json' }
import type { Architecture } from '../architecture.ts'
import { root } from '../bundle/bundle.ts'
import { lockedIntegrities } from '../dependencies/lock-file.ts'
import { tool } from '../tool.ts'

/**
 * The folder of the npm package that has Node for `architecture`: the installed one, or, where pnpm left it out because
 * this machine has another processor, one that is fetched into dist/.cache, once, and checked by pnpm's lock file.
 */
export const npmNode = (architecture: Architecture): string => {
  const name = `node-linux-${architecture.node}` as const
  const installed = `${root}/node_modules/${name}`
  if (existsSync(installed)) return installed
  const version = packageJson.optionalDependencies[name]
  const folder = `${root}/dist/.cache/${name}-${version}`
  if (!existsSync(folder)) fetchPackage(name, version, folder)
  return folder
}

const fetchPackage = (name: string, version: string, folder: string): void => {
  const aside = `${folder}.part-${process.pid}`
  mkdirSync(aside, { recursive: true })
  try {
    tool('npm', 'pack', '--silent', '--pack-destination', aside, `${name}@${version}`)
    const archive = `${aside}/${name}-${version}.tgz`
    checkIntegrity(readFileSync(archive), lockedIntegrities()(`${name}@${version}`), archive)
    tool('tar', '--extract', '--gzip', `--file=${archive}`, `--directory=${aside}`)
    renameSync(`${aside}/package`, folder)
  } finally {
    rmSync(aside, { recursive: true })
  }
}

/** Throws where the bytes are not those of a `sha512-...` integrity. */
export const checkIntegrity = (bytes: Uint8Array, integrity: string, name: string): void => {
  const found = `sha512-${createHash('sha512').update(bytes).digest('base64')}`
  if (found !== integrity) throw new Error(`${name} is ${found}, and pnpm-lock.yaml has ${integrity}`)
}
