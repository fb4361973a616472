import { join } from 'node:path'
import { CommandEnd } from '@joinery/host/command-end'
import { type SharedFiles, sharedFiles } from '@joinery/protocol/seal'
import type { SeenEnrolmentDetail } from '../operator-client.ts'
import { exitCodes } from '../terminal/errors.ts'
import { readKey } from '../terminal/read-key.ts'

/**
 * The files that all control planes of this cluster share, read from `folder`. `etcd`: the kind of etcd that the server
 * reads from kubeadm-config. If absent, the files here tell. Throws if a file is missing or cannot be read.
 */
export const readSharedKeys = async (folder: string, etcd: SeenEnrolmentDetail['etcd']): Promise<SharedFiles> => {
  const read = (file: string) => readKey(folder, file)
  if ((await read('ca.crt')) === undefined) {
    throw new CommandEnd(
      exitCodes.failure,
      `this is no control-plane host: ${join(folder, 'ca.crt')} is not there`,
      'run it as root on a control-plane host'
    )
  }
  const kind = etcd ?? ((await read('etcd/ca.key')) === undefined ? 'external' : 'stacked')
  const names = [...sharedFiles.always, ...sharedFiles[kind]]
  const files = await Promise.all(names.map(async (name) => [name, await read(name)] as const))
  const missing = files.filter(([, text]) => text === undefined).map(([name]) => join(folder, name))
  if (missing.length > 0) throw lacks(missing, kind)
  return Object.fromEntries(files) as SharedFiles
}

const lacks = (missing: string[], etcd: keyof Omit<typeof sharedFiles, 'always'>): CommandEnd =>
  new CommandEnd(
    exitCodes.failure,
    `a control plane of a cluster with ${etcd} etcd needs files that are not on this host: ${missing.join(', ')}`,
    'run it on a control-plane host that has them; if no host has them (an external CA), Joinery joins no control plane to this cluster'
  )
