import { hostname } from 'node:os'
import { version } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { SeenStatus } from '../operator-client.ts'
import { toldStatus } from '../output/describe-status.ts'
import { toldWhy } from '../output/describe-why.ts'
import type { Session } from '../session/session.ts'
import type { AlertsPage, ConsoleApi, ConsoleSession } from './contract.ts'
import { decisions } from './decisions.ts'
import { describeDoor } from './describe-door.ts'
import { readHolder } from './holder.ts'
import { listPage } from './list-page.ts'
import type { Looks } from './looks.ts'
import { newCode } from './new-code.ts'
import { drawPictures } from './pictures.ts'
import { accessAsked, rightsWithout } from './rights.ts'
import { Timelines } from './timelines.ts'

export interface ApiParts {
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
  /** Does a deed, and has everybody look again, whatever came of it. */
  const deed =
    <Body, Answer>(work: (body: Body) => Promise<Answer>) =>
    async (body: Body): Promise<Answer> => {
      try {
        return await work(body)
      } finally {
        looks.changed()
      }
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
