import { apply, titleOf } from '../cluster/kubernetes/apply.ts'
import { type Connection, connect, connectionTo } from '../cluster/kubernetes/connection.ts'
import { requestCredential, type ServerCredential } from '../cluster/kubernetes/credential.ts'
import { writeDurably } from '../files.ts'
import { hasKubeProxy } from './kube-proxy.ts'
import { manifests } from './manifests/index.ts'
import { proveTokenPolicy } from './prove-token-policy.ts'
import { requireVersion } from './require-version.ts'

export interface SetupOptions {
  /** File of an administrator's kubeconfig: used for this one run, never kept. */
  adminKubeconfig: string
  /** Where the server's own kubeconfig goes; its folder exists. */
  serverKubeconfig: string
  now: Date
  print(line: string): void
}

/**
 * Puts into the cluster what Joinery needs, proves that the server's credential is held within its bounds, and only then
 * writes it. Safe to run again: what is there is left or mended, and the server gets a fresh token.
 */
export const setup = async ({ adminKubeconfig, serverKubeconfig, now, print }: SetupOptions): Promise<void> => {
  const { call } = connectionTo(adminKubeconfig)
  const { kubeconfig, expires } = await call((admin) => applyAll(admin, print))
  for (const proof of await proveTokenPolicy(connect(kubeconfig), now)) print(proof)
  await writeDurably(serverKubeconfig, kubeconfig)
  print(`${serverKubeconfig} written, good until ${expires.toISOString()}`)
  print('next: systemctl enable --now joinery-server')
}

const applyAll = async (admin: Connection, print: (line: string) => void): Promise<ServerCredential> => {
  print(`Kubernetes ${await requireVersion(admin)} at ${admin.server}`)
  for (const manifest of manifests({ kubeProxy: await hasKubeProxy(admin) })) {
    print(`${titleOf(manifest)} ${await apply(admin, manifest)}`)
  }
  return requestCredential(admin)
}
