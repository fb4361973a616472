import { dirname } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import {
  apply,
  type Connection,
  clusterUid,
  connect,
  hasKubeProxy,
  type Manifest,
  remove,
  requireVersion,
  titleOf
} from '@joinery/kube'
import { adminConnection, asAdmin } from '@joinery/kube/doctor'
import { manifests, outdated, serverAccount } from '@joinery/kube/manifests'
import { hostAndPort, ProblemError } from '@joinery/protocol'
import { readIfThere, writeDurably } from '../../../core/base/files.ts'
import type { SetupParts } from '../../../core/config/cluster-parts.ts'
import { type FixedFacts, withFixedFacts } from '../../../core/trust/fixed-facts.ts'
import { setupDigest } from '../../../core/trust/setup-lack.ts'
import { requestCredential } from '../credential/credential.ts'
import { endpoint } from '../endpoint.ts'
import { endTokens } from './end-tokens.ts'
import { moveObjects, untilMoved } from './move-version.ts'
import { noteAudiences } from './note-audiences.ts'
import { prove } from './prove.ts'
import { sayProgram } from './say-program.ts'
import { untilEstablished } from './until-established.ts'

export interface SetupOptions {
  /**
   * Files of an administrator's kubeconfig, merged as kubectl does. They are used only for this one run, and never
   * kept.
   */
  adminKubeconfigs: readonly string[]
  /** Path for the server's own kubeconfig. Its folder exists. */
  serverKubeconfig: string
  /** The parts that the server is configured for. */
  parts: SetupParts
  /** Endpoint of the Kubernetes API for machines, host or host:port, as the server is configured. Undefined if the cluster says it. */
  apiEndpoint: string | undefined
  /** True to end every token that the account ever had: somebody may have one, and could renew it for ever. */
  renew: boolean
  now: Date
  print(line: string): void
}

/**
 * Puts into the cluster what Joinery needs, proves that the server's credential stays within its bounds, and only then
 * writes the kubeconfig. It is safe to run again: it leaves or repairs what is there, and the server gets a fresh
 * token.
 */
export const setup = async (options: SetupOptions): Promise<void> => {
  const { adminKubeconfigs, serverKubeconfig, parts, renew, apiEndpoint, now, print } = options
  const administrator = adminConnection(adminKubeconfigs, { program: sayProgram })
  const call = <T>(work: (admin: Connection) => Promise<T>) => asAdmin(administrator, work)
  const applied = await call((admin) => applyAll(admin, parts, print))
  await call((admin) => untilEstablished(admin, parts.log, setTimeout))
  if (renew) {
    const earlier = await earlierConnection(serverKubeconfig)
    await call((admin) => endTokens({ admin, account: serverAccount(), earlier, sleep: setTimeout }))
    print(`${titleOf(serverAccount())} made again: the API server refuses every token that it had`)
  }
  const { kubeconfig, expires, audiences } = await call(requestCredential)
  if (audiences.length > 0) await call((admin) => noteAudiences(admin, audiences))
  const server = connect(kubeconfig)
  for (const proof of await prove(server, parts, now)) print(proof)
  const facts = { ...(await call((admin) => factsToFix(admin, apiEndpoint))), setup: setupDigest(parts) }
  await writeDurably(serverKubeconfig, withFixedFacts(kubeconfig, facts))
  print(`${serverKubeconfig} written, good until ${expires.toISOString()}`)
  print(`machines join the cluster at ${facts.apiEndpoint}: the server says nothing else until the next setup`)
  await call((admin) => moveObjects({ admin, server, manifests: applied, sleep: setTimeout, print }))
  print('Next: systemctl enable --now joinery-server')
}

/** Uid and endpoint of the cluster, as an administrator reads them now. */
const factsToFix = async (admin: Connection, apiEndpoint: string | undefined): Promise<FixedFacts> => {
  const cluster = await clusterUid(admin)
  if (cluster === undefined)
    throw new ProblemError('cluster-unavailable', { detail: 'the Namespace kube-system has no uid' })
  return { cluster, apiEndpoint: hostAndPort((await endpoint(admin, apiEndpoint)).server) }
}

const applyAll = async (
  admin: Connection,
  parts: SetupParts,
  print: (line: string) => void
): Promise<readonly Manifest[]> => {
  print(`Kubernetes ${await requireVersion(admin)} at ${admin.server}`)
  const wanted = manifests({ ...parts, kubeProxy: await hasKubeProxy(admin) })
  for (const manifest of await untilMoved(admin, wanted)) {
    print(`${titleOf(manifest)} ${await apply(admin, manifest)}`)
  }
  for (const manifest of outdated(parts)) {
    if (await remove(admin, manifest)) print(`${titleOf(manifest)} deleted`)
  }
  return wanted
}

/** The connection by the server's own kubeconfig. Undefined if the file holds nothing that can be used. */
const earlierConnection = async (file: string): Promise<Connection | undefined> => {
  const text = await readIfThere(file)
  try {
    return text && connect(text.toString(), dirname(file))
  } catch {
    return undefined
  }
}
