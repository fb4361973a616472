import { conditionCell, stateCell } from '@joinery/host/text/styles'
import { causeCodes, type NodeStatus, roles, shortFingerprint, states } from '@joinery/protocol'
import type { SeenCheck, SeenEnrolment } from '../../operator-client.ts'
import { age, until } from '../../terminal/times.ts'
import { byAge, type Column, longestAge, longestOf } from '../columns.ts'

const conditions: readonly NodeStatus['condition'][] = ['Ready', 'NotReady', 'Unknown', 'Gone']

export const enrolmentColumns: readonly Column<SeenEnrolment>[] = [
  { header: 'NAME', cell: ({ name }) => name },
  { header: 'STATE', longest: longestOf(states), cell: ({ state }) => stateCell(state) },
  {
    header: 'NODE',
    longest: longestOf(conditions),
    cell: ({ node, notYet }) =>
      node === undefined ? '<none>' : conditionCell({ ...node, waits: notYet !== undefined })
  },
  { header: 'ROLE', longest: longestOf(roles), cell: ({ role }) => role },
  { header: 'ADDRESS', cell: ({ address }) => address || '<none>' },
  {
    header: 'PREFLIGHT',
    cell: ({ withoutAgent, preflight }) => (withoutAgent ? '<none>' : preflightSummary(preflight)),
    sorts: ({ withoutAgent, preflight }) => (withoutAgent ? null : gravity(preflight))
  },
  {
    header: 'AGE',
    longest: longestAge,
    cell: ({ created }, now) => age(created, now),
    sorts: ({ created }) => byAge(created)
  },
  {
    header: 'EXPIRES',
    wide: true,
    longest: 'in '.length + longestAge,
    cell: ({ expires }, now) => (expires === undefined ? '<none>' : until(expires, now)),
    sorts: ({ expires }) => expires ?? null
  },
  { header: 'KEY', wide: true, cell: ({ key }) => (key === '' ? '<none>' : shortFingerprint(key)) },
  { header: 'ID', wide: true, cell: ({ id }) => id },
  { header: 'CODE', wide: true, cell: ({ code }) => code || '<none>' },
  { header: 'CREDENTIAL', wide: true, cell: ({ credential }) => credential },
  { header: 'MACHINE ID', wide: true, cell: ({ facts }) => told(facts.machineId) },
  { header: 'KUBELET', wide: true, cell: ({ facts }) => told(facts.kubelet) },
  { header: 'OS', wide: true, cell: ({ facts }) => told(facts.os) },
  { header: 'CAUSE', wide: true, longest: longestOf(causeCodes), cell: ({ cause }) => cause?.code ?? '<none>' },
  { header: 'MESSAGE', cell: ({ message }) => message }
]

/** A fact in a cell. A view does not have every fact. */
const told = (fact: string | undefined): string => (fact === undefined ? '<unknown>' : fact || '<none>')

const count = (preflight: readonly SeenCheck[], verdict: SeenCheck['verdict']): number =>
  preflight.filter((check) => check.verdict === verdict).length

const preflightSummary = (preflight: readonly SeenCheck[]): string => {
  const [fail, warn] = [count(preflight, 'fail'), count(preflight, 'warn')]
  if (fail > 0) return `${fail} fail`
  return warn > 0 ? `${warn} warn` : 'pass'
}

/** Sorts the machines whose checks pass before those that are warned of, and these before those that fail. */
const gravity = (preflight: readonly SeenCheck[]): number =>
  count(preflight, 'fail') * 1000 + Math.min(count(preflight, 'warn'), 999)
