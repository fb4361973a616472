import { randomBytes } from 'node:crypto'
import { agentRoutes, type Check } from '@joinery/protocol'
import { AgentConnection } from '../connection.ts'
import { newFacts } from '../enrol-request.ts'
import { count, enemyAddress, type StartAttack, type Target } from './attack.ts'
import { pace } from './pace.ts'

/** That many connections of one key, so that one slow answer does not slow the enemy. */
const connections = 4

interface Shot {
  method: string
  path: string
  body: string
}

/** `rate` requests a second, each when the one before on its connection was answered. */
const volley =
  (rate: number, prepare: (target: Target) => (number: number) => Shot): StartAttack =>
  (target, tally, stop) => {
    const shot = prepare(target)
    const lanes: { connection?: AgentConnection; busy: boolean }[] = Array.from({ length: connections }, () => ({
      busy: false
    }))
    let number = 0
    const send = async (lane: (typeof lanes)[number]): Promise<void> => {
      lane.busy = true
      number += 1
      const { method, path, body } = shot(number)
      try {
        lane.connection ??= new AgentConnection(target.port, target.identity, enemyAddress)
        const { status } = await lane.connection.request(method, path, body)
        count(tally, status)
      } catch {
        count(tally, 'cut')
        lane.connection?.close()
        delete lane.connection
      }
      lane.busy = false
    }
    pace(rate, stop, (due) => {
      const free = lanes.filter(({ busy }) => !busy)
      count(tally, 'sent', Math.min(due, free.length))
      for (const lane of free.slice(0, due)) void send(lane)
    })
    stop.addEventListener('abort', () => {
      for (const { connection } of lanes) connection?.close()
    })
    return { stands: Promise.resolve() }
  }

/** Stages of a join, each another one. */
export const progress = volley(460, ({ attempt }) => (number) => {
  const body = JSON.stringify({ attempt: Math.max(1, attempt), stage: `[kubelet-start] ${number}` })
  return { ...agentRoutes.progress, body }
})

/** Observations of some 60 KB, each another one. */
export const observations = volley(126, () => {
  const facts = newFacts()
  return (number) => {
    const preflight: Check[] = Array.from({ length: 80 }, (_, check) => ({
      name: `check-${check}`,
      verdict: 'pass',
      finding: randomBytes(340).toString('hex')
    }))
    return { ...agentRoutes.observe, body: JSON.stringify({ facts: { ...facts, os: `Debian ${number}` }, preflight }) }
  }
})
