import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A minor of Kubernetes 1 that Joinery is held against: the version, the hash of its sources, and the Go that it asks for. */
export interface Pin {
  minor: number
  version: string
  /** As go.sum has it: of the module k8s.io/kubernetes. */
  sum: string
  /** Undefined if the Go that is there will do. */
  toolchain?: string
}

const modules = join(import.meta.dirname, '../cluster/go')

/** Reads the pin from the module by which the bed builds that minor. Throws if it is none. */
const pinOf = (folder: string): Pin => {
  const [mod, sums] = ['go.mod', 'go.sum'].map((file) => readFileSync(join(modules, folder, file), 'utf8'))
  const [, version] = /^\s*k8s\.io\/kubernetes (v\S+)/m.exec(mod ?? '') ?? []
  const [, sum] = new RegExp(`^k8s\\.io/kubernetes ${version} (h1:\\S+)`, 'm').exec(sums ?? '') ?? []
  const [, toolchain] = /^toolchain (\S+)/m.exec(mod ?? '') ?? []
  if (version === undefined || sum === undefined) throw new Error(`${folder} pins no version of Kubernetes`)
  return { minor: Number(folder.slice(2)), version, sum, ...(toolchain !== undefined && { toolchain }) }
}

/** Minors that are promised, the oldest first, and the coming one as far as it is out. */
export const pins: readonly Pin[] = readdirSync(modules)
  .filter((folder) => /^1\.\d+$/.test(folder))
  .sort()
  .map(pinOf)

/** The minor by whose sources the texts of the rules were written. */
export const present = 37
