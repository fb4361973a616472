import type { CredentialKind } from '@joinery/protocol'
import { apply, remove, titleOf } from '../cluster/kubernetes/apply.ts'
import { type Connection, connect, connectionTo } from '../cluster/kubernetes/connection.ts'
import { requestCredential, type ServerCredential } from '../cluster/kubernetes/credential.ts'
import { writeDurably } from '../files.ts'
import { hasKubeProxy } from './kube-proxy.ts'
import { type ClusterParts, manifests, outdated } from './manifests/index.ts'
import { prove } from './prove.ts'
import { requireVersion } from './require-version.ts'

export interface SetupOptions {
  /** File of an administrator's kubeconfig: used for this one run, never kept. */
  adminKubeconfig: string
  /** Where the server's own kubeconfig goes; its folder exists. */
  serverKubeconfig: string
  /** As the server is set: to certificates it gets no right to Secrets. */
  credential: CredentialKind
  /** The server is set to approve serving certificates; otherwise it gets no right to. */
  serving: boolean
  now: Date
  print(line: string): void
}

/**
 * Puts into the cluster what Joinery needs, proves that the server's credential is held within its bounds, and only then
 * writes it. Safe to run again: what is there is left or mended, and the server gets a fresh token.
 */
export const setup = async (options: SetupOptions): Promise<void> => {
  const { adminKubeconfig, serverKubeconfig, credential, serving, now, print } = options
  const { call } = connectionTo(adminKubeconfig)
  const { kubeconfig, expires } = await call((admin) => applyAll(admin, { credential, serving }, print))
  for (const proof of await prove(connect(kubeconfig), { credential, serving }, now)) print(proof)
  await writeDurably(serverKubeconfig, kubeconfig)
  print(`${serverKubeconfig} written, good until ${expires.toISOString()}`)
  print('next: systemctl enable --now joinery-server')
}

const applyAll = async (
  admin: Connection,
  parts: Omit<ClusterParts, 'kubeProxy'>,
  print: (line: string) => void
): Promise<ServerCredential> => {
  print(`Kubernetes ${await requireVersion(admin)} at ${admin.server}`)
  for (const manifest of manifests({ ...parts, kubeProxy: await hasKubeProxy(admin) })) {
    print(`${titleOf(manifest)} ${await apply(admin, manifest)}`)
  }
  for (const manifest of outdated(parts)) {
    if (await remove(admin, manifest)) print(`${titleOf(manifest)} deleted`)
  }
  return requestCredential(admin)
}
