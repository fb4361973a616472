import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { root } from '../bundle/bundle.ts'

/** Reads pnpm's lock file, and gives the integrity of an npm package by its `name@version`. That throws where the file has none. */
export const lockedIntegrities = (): ((key: string) => string) => {
  // the file may hold several documents; this project's packages are in the last one
  const text = readFileSync(`${root}/pnpm-lock.yaml`, 'utf8').split(/^---$/m).at(-1) ?? ''
  const { packages } = parse(text) as { packages: Record<string, { resolution: { integrity: string } }> }
  return (key) => {
    const integrity = packages[key]?.resolution.integrity
    if (integrity === undefined) throw new Error(`pnpm-lock.yaml has no ${key}`)
    return integrity
  }
}
