import { dirname } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { CommandEnd, commonCodes } from '@joinery/host/command-end'
import {
  apply,
  type Connection,
  clusterUid,
  connect,
  hasKubeProxy,
  type Manifest,
  read,
  remove,
  requireVersion,
  statusOf,
  titleOf
} from '@joinery/kube'
import { adminConnection, asAdmin } from '@joinery/kube/doctor'
import { definitions, doorGroup, doorVersion, pluralOf } from '@joinery/kube/door'
import { logDefinitions } from '@joinery/kube/log'
import { manifests, outdated, serverAccount } from '@joinery/kube/manifests'
import { audiencesAnnotation, namespace } from '@joinery/kube/names'
import { hostAndPort, ProblemError } from '@joinery/protocol'
import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import { readIfThere, writeDurably } from '../../../core/base/files.ts'
import type { SetupParts } from '../../../core/config/cluster-parts.ts'
import { type FixedFacts, withFixedFacts } from '../../../core/trust/fixed-facts.ts'
import { setupDigest } from '../../../core/trust/setup-lack.ts'
import { requestCredential } from '../credential/credential.ts'
import { endpoint } from '../endpoint.ts'
import { endTokens } from './end-tokens.ts'
import { moveObjects, untilMoved } from './move-version.ts'
import { prove } from './prove.ts'
import { sayProgram } from './say-program.ts'

interface SetupOptions {
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

/**
 * Writes down the audiences that the API server takes for its own, for the policy that bounds the server's token. It is no part of the
 * manifests, which know no cluster: an apply of them leaves it.
 */
const noteAudiences = async (admin: Connection, audiences: readonly string[]): Promise<void> => {
  const metadata = { annotations: { [audiencesAnnotation]: audiences.join(',') } }
  await admin.core.patchNamespace(
    { name: namespace, body: { metadata }, fieldManager: 'joinery-server-setup' },
    setHeaderOptions('Content-Type', PatchStrategy.MergePatch)
  )
}

const pause = 500
const tries = 120

/**
 * Waits until the API server serves each kind of the door, and with `log` those of the log. It takes a moment to serve a
 * CustomResourceDefinition that is new; the wait is a minute at most.
 */
const untilEstablished = async (
  admin: Connection,
  log: boolean,
  sleep: (ms: number) => Promise<unknown>
): Promise<void> => {
  const wanted = [...definitions, ...(log ? logDefinitions : [])]
  for (let attempt = 0; attempt < tries; attempt += 1) {
    if (attempt > 0) await sleep(pause)
    const live = await Promise.all(wanted.map((definition) => read(admin, definition)))
    if (!live.every((one) => one !== undefined && isEstablished(one as Definition))) continue
    // a definition that was there is established at once, and its new version is served a moment later
    const served = await Promise.all(definitions.map((definition) => isServed(admin, definition)))
    if (served.every((one) => one)) return
  }
  throw new CommandEnd(
    commonCodes.failure,
    ['the cluster does not serve the kinds of joinery.dev, no credential was written'],
    'look at why: kubectl describe crd enrolments.joinery.dev; then again: joinery-server setup'
  )
}

/** True if the API server answers for the kind in the present version. */
const isServed = async (admin: Connection, definition: Manifest): Promise<boolean> => {
  const of = { group: doorGroup, version: doorVersion, plural: pluralOf(definition) }
  try {
    await admin.custom.listClusterCustomObject({ ...of, limit: 1 })
    return true
  } catch (error) {
    if (statusOf(error) === 404) return false
    throw error
  }
}

type Definition = Manifest & { status?: { conditions?: { type: string; status: string }[] } }

const isEstablished = ({ status }: Definition): boolean =>
  status?.conditions?.some(({ type, status: value }) => type === 'Established' && value === 'True') ?? false
