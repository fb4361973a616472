import { Budgets, budgets } from '@joinery/server/testing/base'
import {
  type DecisionObject,
  DecisionReader,
  Decisions,
  type RehearsalDecisions
} from '@joinery/server/testing/kubernetes-door'
import type { Test } from 'tap'
import { eventually } from '../cluster/cluster-fixture.ts'
import { openPairing, type Pairing } from './pairing.ts'

export interface DoorPairing extends Pairing {
  decisions: RehearsalDecisions
  /** Makes a Decision about the enrolment of that name, as it is shown now. */
  decide(name: string, verdict: string, differs?: object): Promise<DecisionObject>
  /** The server's own reader, which looks once more when it is asked. */
  reader(): DecisionReader
  /** Waits until the Decision has a status, and returns it. */
  settled(decision: DecisionObject): Promise<NonNullable<DecisionObject['status']>>
}

/** Opens a pairing whose server reads the Decisions of its rehearsal cluster. */
export const openDoorPairing = async (
  t: Test,
  before: (cluster: Pairing['cluster']) => Promise<unknown> = async () => {}
): Promise<DoorPairing> => {
  let made: RehearsalDecisions | undefined
  let reader: () => DecisionReader = () => {
    throw new Error('there is no server')
  }
  const pairing = await openPairing(
    t,
    {},
    async (cluster) => {
      made = cluster.decisions
      await before(cluster)
    },
    (container) => {
      if (made !== undefined) container.register(Decisions, { useValue: made })
      // a rehearsal need not spare its API server
      const decisions = { ...budgets.decisions, rest: 1, again: 20 }
      container.register(Budgets, { useValue: { ...budgets, decisions } })
      reader = () => container.resolve(DecisionReader)
    }
  )
  const { operator, cluster } = pairing
  const { decisions } = cluster
  const door = {
    decisions,
    reader: () => reader(),
    decide: async (name: string, verdict: string, differs: object = {}) => {
      const { id, role, key, revision } = await operator.show(name)
      return decisions.create({ enrolment: id, role, verdict, key, revision, by: 'alice', ...differs })
    },
    settled: ({ name }: DecisionObject) =>
      eventually(`the Decision ${name} is settled`, async () => (await decisions.read(name))?.status)
  }
  // the pairing's own parts change with each restart
  return Object.defineProperties(door, Object.getOwnPropertyDescriptors(pairing)) as unknown as DoorPairing
}
