import { hostname } from 'node:os'
import { escapeText, version } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { Access, OperatorClient, SeenEnrolment, SeenStatus } from '../operator-client.ts'
import { toldStatus } from '../output/describe-status.ts'
import { toldWhy } from '../output/describe-why.ts'
import type { Session } from '../session/session.ts'
import type { Door } from '../session/which-door.ts'
import {
  type AlertsPage,
  type ConsoleApi,
  type ConsoleSession,
  type ConsoleVerb,
  consoleVerbs,
  type Right,
  type Rights
} from './contract.ts'
import { decisions } from './decisions.ts'
import { readHolder } from './holder.ts'
import { listPage } from './list-page.ts'
import type { Looks } from './looks.ts'
import { newCode } from './new-code.ts'
import { drawPictures } from './pictures.ts'
import { Timelines } from './timelines.ts'

interface ApiParts {
  session: Session
  looks: Looks
  /** Time at which the console ends. */
  ends: Date
  /** Tells milliseconds. */
  monotonic(): number
}

/** The calls of the page, each over the client that every command has. */
export const consoleApi = ({ session, looks, ends, monotonic }: ApiParts): ConsoleApi => {
  const { client, door, terminal } = session
  const timelines = new Timelines({ all: () => looks.all(), show: (id) => client.show(id), monotonic })
  const about = aboutSession(session)
  const status = async (): Promise<SeenStatus> => toldStatus(await client.status(), terminal)
  /** Does a deed, and has every page see what came of it. */
  const deed =
    <Body>(work: (body: Body) => Promise<SeenEnrolment>) =>
    async (body: Body): Promise<SeenEnrolment> => {
      const enrolment = await work(body)
      looks.took(enrolment)
      return enrolment
    }
  const { approve, reject, release, retry, remove } = decisions({ client, here: session, pause: terminal.pause })
  return {
    session: async () => ({
      version,
      ends: ends.toISOString(),
      // of an address that is none the client says more
      ...(await about()),
      ...describeDoor(door, client.cluster, hostname())
    }),
    list: async (query = {}) => {
      const { items, look } = await looks.all()
      return listPage(items, query, look)
    },
    show: (reference) => client.show(reference),
    why: async (reference) => toldWhy(await client.why(reference), terminal),
    holder: (reference) => readHolder(client, reference),
    codes: () => client.listCodes(),
    code: (reference) => client.showCode(reference),
    nodes: () => client.listNodes(),
    status,
    alerts: async () => alertsOf(await status()),
    audit: () => timelines.page(),
    pictures: async () => drawPictures((await looks.all()).items, terminal.now()),
    approve: deed(approve),
    reject: deed(reject),
    release: deed(release),
    retry: deed(retry),
    remove: deed(remove),
    codeCreate: newCode(client, terminal),
    codeRevoke: ({ id }) => client.revokeCode(id)
  }
}

/** The operator's name, and what they may do. Over the cluster the API server is asked each time: rights change. */
const aboutSession =
  ({ client, terminal }: Session) =>
  async (): Promise<Pick<ConsoleSession, 'who' | 'rights'>> => {
    if (client.access === undefined) return { rights: rightsWithout([]), ...given({ who: terminal.operator }) }
    const { who, lacking } = await client.access(accessAsked)
    return { who, rights: rightsWithout(lacking) }
  }

const alertsOf = ({ alerts }: SeenStatus): AlertsPage => {
  if (alerts !== undefined) return { count: alerts.count, items: alerts.last }
  return {
    count: 0,
    items: [],
    lacking: 'Kubernetes shows no alerts; the pairing server shows them to root on its host'
  }
}

/** Most characters of a name on the page. A kubeconfig may come from anybody, and hold any text. */
const longest = 253

/** Tells which cluster the console is about: two of them in one browser look alike. `host`: the name of this host. */
export const describeDoor = (
  door: Pick<Door, 'to'> & { path?: string },
  cluster: OperatorClient['cluster'],
  host: string
): Pick<ConsoleSession, 'name' | 'door'> => {
  if (cluster === undefined) return { name: bounded(host), door: { to: 'socket', path: door.path ?? '' } }
  return { name: bounded(cluster.context), door: { to: 'cluster', server: bounded(placeOf(cluster.server)) } }
}

/** Host and path of an API server. A proxy has one path for each cluster. A password in the URL is nobody's to see. */
const placeOf = (server: string): string => {
  const { host, pathname } = new URL(server)
  return `${host}${pathname.replace(/\/+$/, '')}`
}

const bounded = (text: string): string => escapeText(text.slice(0, longest)).slice(0, longest)

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
