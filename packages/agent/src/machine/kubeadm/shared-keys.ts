import { dirname, join } from 'node:path'
import type { Files } from '@joinery/host/files'
import type { SharedFiles } from '@joinery/protocol/seal'
import { paths } from '../../host/paths.ts'

/** Paths of files that lie there already and are others. A cluster's keys are never overwritten. */
export const keysInTheWay = async (files: Pick<Files, 'read'>, keys: SharedFiles): Promise<string[]> => {
  const found = await Promise.all(
    Object.entries(keys).map(async ([name, text]) => {
      const there = await files.read(pathOf(name))
      return there === undefined || there === text ? [] : [pathOf(name)]
    })
  )
  return found.flat()
}

/** Places the keys of the cluster for kubeadm. Throws at the first one that is in the way; the keys before it are placed. */
export const placeKeys = async (files: Files, keys: SharedFiles): Promise<void> => {
  for (const [name, text] of Object.entries(keys)) {
    const path = pathOf(name)
    // kubeadm's own mode: the secrets are in files of mode 0600
    await files.makeFolder(paths.pki, 0o755)
    await files.makeFolder(dirname(path), 0o755)
    const placed = await files.create(path, text, name.endsWith('.key') ? 0o600 : 0o644)
    if (!placed && (await files.read(path)) !== text) throw new Error(`${path} is in the way`)
  }
}

const pathOf = (name: string): string => join(paths.pki, name)
