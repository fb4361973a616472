import { type Connection, type connectionTo, statusOf } from '@joinery/kube'
import { doorGroup, doorVersion } from '@joinery/kube/door'
import { given } from '@joinery/protocol/given'
import type { Decisions, SeenDecision } from '../../../kubernetes-door/decisions/decisions.ts'
import { NotSetUp } from '../../../kubernetes-door/not-set-up.ts'
import { decisionProbes } from '../probes/decision-probes.ts'
import { watchDecisions } from './watch-decisions.ts'

const kind = { group: doorGroup, version: doorVersion, plural: 'decisions' }

/** The Decisions of a real cluster. */
export const kubernetesDecisions = ({ call, connection }: ReturnType<typeof connectionTo>): Decisions => ({
  page: (limit, after) =>
    call(async ({ custom }) => {
      const list = await ifSetUp(async () => {
        try {
          return await custom.listClusterCustomObject({ ...kind, limit, ...given({ _continue: after }) })
        } catch (error) {
          if (statusOf(error) === 410) return undefined
          throw error
        }
      })
      return list === undefined ? undefined : pageOf(list)
    }),
  probe: () => call(probe),
  settle: ({ name, uid, resourceVersion, spec }, status) =>
    call(({ custom }) =>
      unlessChanged(() => {
        const metadata = { name, uid, resourceVersion }
        const body = { apiVersion: `${doorGroup}/${doorVersion}`, kind: 'Decision', metadata, spec, status }
        return custom.replaceClusterCustomObjectStatus({ ...kind, name, body })
      })
    ),
  delete: async ({ name, uid }) => {
    await call(({ custom }) =>
      unlessChanged(() => custom.deleteClusterCustomObject({ ...kind, name, body: { preconditions: { uid } } }))
    )
  },
  watch: (changed, signal) => watchDecisions(connection, changed, signal)
})

const probe = async (api: Connection): ReturnType<Decisions['probe']> => {
  for (const { what, refusedBy, ask } of decisionProbes) {
    const refusal = await unlessUntried(() => ask(api))
    if (refusal === undefined) return { answer: 'allowed', words: `${what} is not refused` }
    if (refusedBy === undefined || !refusal.includes(refusedBy)) return { answer: 'unknown', words: refusal }
  }
  return { answer: 'refused' }
}

/** Asks. A webhook of the cluster that does not support dry run (400) refuses in words that prove nothing. */
const unlessUntried = async (ask: () => Promise<string | undefined>): Promise<string | undefined> => {
  try {
    return await ask()
  } catch (error) {
    if (statusOf(error) === 400) return 'the API server takes no dry run (400)'
    throw error
  }
}

/** Does `work`. A cluster of an earlier set-up has no such kind (404), or gave the server no right to it (403). */
const ifSetUp = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    if (statusOf(error) === 404) throw new NotSetUp('the cluster has no Decisions, for an earlier version set it up')
    throw mayNot(error)
  }
}

/** Does `write`. False if the object has changed since it was read, or is gone. */
const unlessChanged = async (write: () => Promise<unknown>): Promise<boolean> => {
  try {
    await write()
    return true
  } catch (error) {
    const status = statusOf(error)
    if (status === 404 || status === 409) return false
    throw mayNot(error)
  }
}

const mayNot = (error: unknown): unknown =>
  statusOf(error) === 403
    ? new NotSetUp('the server may not read or settle them, for an earlier version set the cluster up')
    : error

interface DecisionObject {
  metadata?: { name?: string; uid?: string; resourceVersion?: string; creationTimestamp?: string }
  spec?: unknown
  status?: { result?: unknown } | null
}

const pageOf = (list: unknown): { items: SeenDecision[]; next?: string } => {
  const { items = [], metadata } = list as { items?: DecisionObject[]; metadata?: { continue?: string } }
  const next = metadata?.continue
  return { items: items.map(seen), ...(next !== undefined && next !== '' && { next }) }
}

const seen = ({ metadata = {}, spec, status }: DecisionObject): SeenDecision => ({
  name: metadata.name ?? '',
  uid: metadata.uid ?? '',
  resourceVersion: metadata.resourceVersion ?? '',
  created: new Date(metadata.creationTimestamp ?? Number.NaN),
  spec,
  isSettled: isSettled(status)
})

const isSettled = (status: DecisionObject['status']): boolean => typeof status?.result === 'string'
