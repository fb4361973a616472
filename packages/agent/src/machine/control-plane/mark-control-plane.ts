import type { Files } from '@joinery/host/files'
import { request } from 'undici'
import { paths } from '../../host/paths.ts'
import { readKubeconfig } from '../kubeadm/kubeconfig.ts'
import { nodeUrl, withConnection } from '../kubeadm/with-connection.ts'

const labels = {
  'node-role.kubernetes.io/control-plane': '',
  'node.kubernetes.io/exclude-from-external-load-balancers': ''
}
const taint = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }

interface Marked {
  metadata: { resourceVersion: string; labels?: Record<string, string> }
  spec?: { taints?: { key: string; effect: string }[] }
}

/**
 * Does what kubeadm's phase mark-control-plane does, for a Node whose kubeadm was ended before that phase. It uses
 * the admin.conf that kubeadm made. Changes nothing if the Node is marked already. Rejects if there is no Node yet,
 * or no answer.
 */
export const markControlPlane = async (files: Pick<Files, 'read'>, name: string): Promise<void> => {
  const { server, ...trust } = await readKubeconfig(files, paths.adminConf)
  const url = nodeUrl(server, name)
  await withConnection(trust, async (dispatcher) => {
    const found = await request(url, { dispatcher })
    if (found.statusCode !== 200) return refuse(found)
    const patch = patchOf((await found.body.json()) as Marked)
    if (patch === undefined) return
    const patched = await request(url, {
      dispatcher,
      method: 'PATCH',
      headers: { 'content-type': 'application/merge-patch+json' },
      body: JSON.stringify(patch)
    })
    if (patched.statusCode !== 200) return refuse(patched)
    await patched.body.dump()
  })
}

/**
 * The patch that marks the Node, or undefined if it is marked. It holds only for the Node as it was read: taints are
 * one list, which a patch replaces.
 */
const patchOf = ({ metadata, spec: { taints = [] } = {} }: Marked): object | undefined => {
  const tainted = taints.some(({ key, effect }) => key === taint.key && effect === taint.effect)
  const labelled = Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value)
  if (tainted && labelled) return undefined
  const { resourceVersion } = metadata
  return { metadata: { resourceVersion, labels }, spec: { taints: tainted ? taints : [...taints, taint] } }
}

const refuse = async ({ statusCode, body }: Awaited<ReturnType<typeof request>>): Promise<never> => {
  await body.dump()
  throw new Error(`the API server answers with HTTP status ${statusCode}`)
}
