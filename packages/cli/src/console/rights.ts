import type { Access } from '../operator-client.ts'
import { type ConsoleVerb, consoleVerbs, type Right, type Rights } from './contract.ts'

const group = 'joinery.dev'
const on = (resource: string, ...verbs: string[]): Access[] => verbs.map((verb) => ({ verb, group, resource }))
const decide = (...verbs: string[]): Access[] => [...on('enrolments', ...verbs), ...on('decisions', 'create')]
const invite = (...verbs: string[]): Access[] => [...on('codes', ...verbs, 'create')]

/** Rights in the cluster that each verb of the page needs. */
const needs: Readonly<Record<ConsoleVerb, readonly Access[]>> = {
  approve: decide('approve'),
  'approve-control-plane': decide('approve', 'approve-control-plane'),
  reject: decide('reject'),
  release: decide('release'),
  retry: decide('retry'),
  remove: decide('remove'),
  replace: decide('replace', 'approve'),
  invite: invite('invite'),
  'invite-control-plane': invite('invite-control-plane'),
  label: on('codes', 'label'),
  revoke: on('codes', 'delete'),
  'list-codes': on('codes', 'list'),
  'list-nodes': [{ verb: 'list', group: '', resource: 'nodes' }]
}

const nameOf = ({ verb, group, resource }: Access): string =>
  `${verb} on ${group === '' ? resource : `${resource}.${group}`}`

/** Every right that the page needs, each once. */
export const accessAsked: readonly Access[] = [
  ...new Map(
    Object.values(needs)
      .flat()
      .map((access) => [nameOf(access), access])
  ).values()
]

/** The rights of an operator who lacks these. */
export const rightsWithout = (lacking: readonly Access[]): Rights => {
  const lacks = new Set(lacking.map(nameOf))
  const right = (verb: ConsoleVerb): Right => {
    const missing = needs[verb].map(nameOf).filter((name) => lacks.has(name))
    return missing.length === 0 ? { may: true } : { may: false, missing: missing.join(' and ') }
  }
  return Object.fromEntries(consoleVerbs.map((verb) => [verb, right(verb)])) as Rights
}
