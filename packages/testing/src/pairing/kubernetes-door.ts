import { hashCode, hour, makeCode } from '@joinery/protocol'
import type { CodeStatusView } from '@joinery/protocol/door'
import { type Budgets as AllBudgets, Budgets, budgets, systemRandom } from '@joinery/server/testing/base'
import { CodeReader, Codes, DecisionReader, Decisions } from '@joinery/server/testing/kubernetes-door'
import type { Test } from 'tap'
import { eventually } from '../clocks/eventually.ts'
import type { CodeObject, DecisionObject } from '../cluster/fake/asked.ts'
import type { FakeCluster } from '../cluster/fake/fake-cluster.ts'
import { openPairing, type Pairing } from './pairing.ts'

export interface DoorPairing extends Pairing {
  decisions: FakeCluster['decisions']
  codes: FakeCluster['codes']
  /** Makes a Decision about the enrolment of that name, as it is shown now. Unguarded, the API server refuses none. */
  decide(name: string, verdict: string, differs?: object, isGuarded?: boolean): Promise<DecisionObject>
  /** Makes a code for worker-1 on the operator's machine, and its Code in the cluster. Unguarded, the API server refuses none. */
  invite(differs?: object, isGuarded?: boolean): Promise<Invitation>
  /** The server's own reader of Decisions, which looks once more when it is asked. */
  reader(): DecisionReader
  /** The same for Codes. */
  codeReader(): CodeReader
  /** Waits until the Decision has a status, and returns it. */
  settled(decision: DecisionObject): Promise<NonNullable<DecisionObject['status']>>
  /** Waits until the Code is in that state, and returns its status. */
  codeIs(object: Pick<CodeObject, 'name'>, state: CodeStatusView['state']): Promise<CodeStatusView>
}

/** A code that only the operator's machine and the invited machine know, and its Code. */
export interface Invitation {
  code: string
  object: CodeObject
}

interface DoorOptions {
  config?: Parameters<typeof openPairing>[1]
  /** Registers other parts over the server's own. */
  over?: Parameters<typeof openPairing>[3]
  /** Budgets that differ from a rehearsal's. */
  codes?: Partial<AllBudgets['codes']>
  decisions?: Partial<AllBudgets['decisions']>
}

interface Readers {
  decisions(): DecisionReader
  codes(): CodeReader
}

const noServer = (): never => {
  throw new Error('there is no server')
}

/** Opens a pairing whose server reads the Decisions and the Codes of its rehearsal cluster. */
export const openDoorPairing = async (
  t: Test,
  before: Parameters<typeof openPairing>[2] = async () => {},
  { config = {}, over, codes: ofCodes, decisions: ofDecisions }: DoorOptions = {}
): Promise<DoorPairing> => {
  let made: Pairing['cluster'] | undefined
  const readers: Readers = { decisions: noServer, codes: noServer }
  const pairing = await openPairing(
    t,
    config,
    async (cluster, clock) => {
      made = cluster
      await before(cluster, clock)
    },
    (container) => {
      if (made !== undefined) {
        container.register(Decisions, { useValue: made.decisions })
        container.register(Codes, { useValue: made.codes })
      }
      // a rehearsal need not spare its API server
      const decisions = { ...budgets.decisions, rest: 1, again: 20, ...ofDecisions }
      const codes = { ...budgets.codes, rest: 1, again: 20, each: 1, writes: { each: 1, burst: 1_000 }, ...ofCodes }
      container.register(Budgets, { useValue: { ...container.resolve(Budgets), decisions, codes } })
      over?.(container)
      readers.decisions = () => container.resolve(DecisionReader)
      readers.codes = () => container.resolve(CodeReader)
    }
  )
  const { operator, cluster, clock } = pairing
  const { decisions, codes } = cluster
  const door = {
    decisions,
    codes,
    reader: () => readers.decisions(),
    codeReader: () => readers.codes(),
    decide: async (name: string, verdict: string, differs: object = {}, isGuarded = true) => {
      const { id, role, key, revision } = await operator.show(name)
      const spec = { enrolment: id, role, verdict, key, revision, by: 'alice', ...differs }
      return isGuarded ? decisions.create(spec) : decisions.slip(spec)
    },
    invite: async (differs: object = {}, isGuarded = true) => {
      const code = makeCode(systemRandom.bytes)
      const expires = new Date(clock.now().getTime() + hour).toISOString()
      const spec = { hash: hashCode(code), name: 'worker-1', role: 'worker', expires, by: 'alice', ...differs }
      return { code, object: isGuarded ? await codes.create(spec) : codes.slip(spec) }
    },
    settled: ({ name }: DecisionObject) =>
      eventually(`the Decision ${name} is settled`, async () => (await decisions.read(name))?.status),
    codeIs: ({ name }: Pick<CodeObject, 'name'>, state: CodeStatusView['state']) =>
      eventually(`the Code is ${state}`, async () => {
        const status = (await codes.read(name))?.status
        return status?.state === state && status
      })
  }
  // the pairing's own parts change with each restart
  return Object.defineProperties(door, Object.getOwnPropertyDescriptors(pairing)) as unknown as DoorPairing
}
