import { CommandEnd, commonCodes } from '@joinery/host/command-end'
import {
  answerOf,
  apply,
  type Connection,
  explain,
  inPages,
  type Manifest,
  read,
  refusalMessage,
  statusOf,
  titleOf
} from '@joinery/kube'
import {
  definitions,
  doorGroup,
  doorVersion,
  earlierVersion,
  pluralOf,
  servesEarlier,
  storesEarlier,
  withEarlierVersion
} from '@joinery/kube/door'
import { installationName } from '@joinery/protocol/door'
import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import { sideBySide } from '../../../core/base/side-by-side.ts'

/**
 * Milliseconds until every API server of a cluster stores objects in the version of a definition that was just applied. Kubernetes itself
 * gives them 5 s to hear of a new definition (apiextensions' EstablishingController).
 */
const heard = 10_000

/** Looks for the Installation by a server of this version, and milliseconds between two of them. */
const [looks, pause] = [30, 2_000]

/** Objects that are written side by side. */
const atOnce = 4

/** Most tries for what somebody else changes meanwhile. */
const tries = 5

export interface Move {
  admin: Connection
  /** Connection of the pairing server. A policy lets nobody else write a view. */
  server: Connection
  /** The manifests that setup has applied, by `untilMoved`. */
  manifests: readonly Manifest[]
  sleep(ms: number): Promise<unknown>
  print(line: string): void
}

/**
 * The manifests as setup applies them first: a definition that serves an earlier version goes on serving it. Objects may be stored in it,
 * and a server of before may use it.
 */
export const untilMoved = async (admin: Connection, manifests: readonly Manifest[]): Promise<Manifest[]> => {
  const found = new Set((await servingEarlier(admin, manifests)).map(({ definition }) => titleOf(definition)))
  return manifests.map((one) => (found.has(titleOf(one)) ? withEarlierVersion(one) : one))
}

/**
 * Has etcd keep every object of the door in the present version, and ends the earlier ones. It writes each object again as it is, then
 * notes that no other version is stored, and ends the earlier ones once the active server does without them. It may be cut anywhere and
 * run again, and run twice at once: each run notes only what it has done itself. The API server refuses to end a version that may be stored.
 */
export const moveObjects = async ({ admin, server, manifests, sleep, print }: Move): Promise<void> => {
  const found = await servingEarlier(admin, manifests)
  if (found.length === 0) return
  const unmoved = found.filter(({ live }) => storesEarlier(live))
  if (unmoved.length > 0) await sleep(heard)
  for (const { definition } of unmoved) {
    const written = await moveKind(definition, admin, server)
    print(`${titleOf(definition)} stored as ${doorVersion}: ${written} objects written again`)
  }
  const earlier = `${doorGroup}/${earlierVersion}`
  if (!(await isServerNew(admin, sleep))) {
    print(
      `${earlier} is still served, for a server of before: when the last one is upgraded, run joinery-server setup again`
    )
    return
  }
  for (const { definition } of found) await apply(admin, definition)
  print(`${earlier} ended: all objects are ${doorGroup}/${doorVersion}`)
}

/** The definitions of the door that serve the version of before, as they must be and as they are. */
const servingEarlier = async (
  admin: Connection,
  manifests: readonly Manifest[]
): Promise<{ definition: Manifest; live: Manifest }[]> => {
  const names = new Set(definitions.map(titleOf))
  const found = await Promise.all(
    manifests
      .filter((one) => names.has(titleOf(one)))
      .map(async (definition) => ({ definition, live: (await read(admin, definition)) as Manifest | undefined }))
  )
  return found.flatMap(({ definition, live }) =>
    live !== undefined && servesEarlier(live) ? [{ definition, live }] : []
  )
}

/**
 * True if the active server writes what this version writes, or none writes at all. A server of before writes the Installation without
 * conditions. One that has just been upgraded needs a moment.
 */
const isServerNew = async (admin: Connection, sleep: Move['sleep']): Promise<boolean> => {
  const of = { group: doorGroup, version: doorVersion, plural: 'installations', name: installationName }
  for (let left = looks; left > 0; left -= 1) {
    const shown = await unlessGone(installationName, () => admin.custom.getClusterCustomObject(of))
    if (shown === undefined || shown.status?.conditions !== undefined) return true
    await sleep(pause)
  }
  return false
}

/** Writes all objects of a kind again, and notes in its definition that they are. Returns how many there are. */
const moveKind = async (definition: Manifest, admin: Connection, server: Connection): Promise<number> => {
  const { name } = definition.metadata
  const plural = pluralOf(definition)
  const by = plural === 'enrolments' || plural === 'installations' ? server : admin
  for (let left = tries; left > 0; left -= 1) {
    const before = await read(admin, definition)
    const written = await writeAgain(plural, by)
    if (await noteStored(admin, name, before?.metadata?.resourceVersion)) return written
  }
  throw changing(titleOf(definition))
}

/** Notes that only the present version is stored. False if the definition has changed since: it may have stored another one meanwhile. */
const noteStored = async (admin: Connection, name: string, resourceVersion: string | undefined): Promise<boolean> => {
  const of = { group: 'apiextensions.k8s.io', version: 'v1', plural: 'customresourcedefinitions', name }
  const body = { metadata: { resourceVersion }, status: { storedVersions: [doorVersion] } }
  try {
    await admin.custom.patchClusterCustomObjectStatus(
      { ...of, body },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch)
    )
    return true
  } catch (error) {
    if (statusOf(error) === 409) return false
    throw error
  }
}

interface Stored {
  metadata: { name: string }
  status?: { conditions?: unknown }
}
type Kind = { group: string; version: string; plural: string }

const writeAgain = async (plural: string, api: Connection): Promise<number> => {
  const of = { group: doorGroup, version: doorVersion, plural }
  const list = async (page: { limit: number; _continue?: string }) => {
    const { items, metadata } = await api.custom.listClusterCustomObject({ ...of, ...page })
    return { items: items as Stored[], metadata: { _continue: metadata?.continue } }
  }
  const objects = await inPages(list, (one) => one)
  await explain(api.server, () => sideBySide(objects, atOnce, (one) => writeOne(of, one, api)))
  return objects.length
}

/** Writes the object as it is. For etcd it is another one then, in the present version. */
const writeOne = async (of: Kind, listed: Stored, api: Connection): Promise<void> => {
  const { name } = listed.metadata
  let body: Stored | undefined = listed
  for (let left = tries; left > 0 && body !== undefined; left -= 1) {
    try {
      await api.custom.replaceClusterCustomObject({ ...of, name, body })
      return
    } catch (error) {
      const answer = statusOf(error)
      if (answer === 422) throw unwritable(`${of.plural}.${of.group} ${name}`, refusalMessage(error) ?? '')
      if (answer !== 409 && !isGone(error, name)) throw error
      // somebody else wrote it, perhaps by an API server that has not heard of the present version; or it is gone
      body = await unlessGone(name, () => api.custom.getClusterCustomObject({ ...of, name }))
    }
  }
  if (body !== undefined) throw changing(`${of.plural}.${of.group} ${name}`)
}

const unlessGone = async (name: string, get: () => Promise<Stored>): Promise<Stored | undefined> => {
  try {
    return await get()
  } catch (error) {
    if (isGone(error, name)) return undefined
    throw error
  }
}

/** True if there is no such object. An API server that has not heard of the version says 404 as well, and names no object. */
const isGone = (error: unknown, name: string): boolean => {
  const answer = answerOf(error)
  return answer?.code === 404 && answer.name === name
}

const changing = (what: string): CommandEnd =>
  new CommandEnd(
    commonCodes.failure,
    [`somebody changes ${what} again and again`],
    'when that is over: joinery-server setup'
  )

const unwritable = (what: string, refusal: string): CommandEnd =>
  new CommandEnd(
    commonCodes.failure,
    [`${what} cannot be stored as ${doorVersion}: ${refusal}`],
    `kubectl delete ${what}; then again: joinery-server setup`
  )
