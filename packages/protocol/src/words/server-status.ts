import Type, { type Static } from 'typebox'
import { serversAtMost, serversHeaderAtMost } from './servers.ts'

/** Value of the header, within its bounds: what does not fit is left out. Undefined if there is only one server. */
export const serversHeaderOf = (urls: readonly string[]): string | undefined => {
  if (urls.length < 2) return undefined
  let value = ''
  for (const url of urls.slice(0, serversAtMost)) {
    const longer = value === '' ? url : `${value} ${url}`
    if (longer.length <= serversHeaderAtMost) value = longer
  }
  return value
}

const time = Type.String({ format: 'date-time' })

/** One server of this installation, as the server that is asked knows it. */
export const ServerStatus = Type.Object({
  url: Type.String({ description: 'URL at which machines reach it' }),
  state: Type.Enum(['active', 'standby', 'away'], {
    description: '`away`: nothing was heard of it for half a minute'
  }),
  seen: Type.Optional({ ...time, description: 'time at which it was last heard of; absent if it never was' }),
  pin: Type.Optional(Type.String({ description: 'pin of the CA by which it serves; absent if it does not say' })),
  nextPin: Type.Optional(Type.String({ description: 'pin of the CA that comes next; absent if its host has none' }))
})
export type ServerStatus = Static<typeof ServerStatus>

/**
 * The part of a server in a rotation of the CA, as the list of all shows it. `lacks`: another server has a CA that it does not have. `has`:
 * it has the next CA, and serves by the one of before. `serves`: the next CA is in place there. Undefined if nothing is to be said.
 */
export const rotationPart = (
  { pin, nextPin }: Partial<ServerStatus>,
  servers: readonly Partial<ServerStatus>[]
): 'lacks' | 'has' | 'serves' | undefined => {
  const next = servers.find((server) => server.nextPin !== undefined)?.nextPin
  if (next !== undefined) return pin === next ? 'serves' : nextPin === next ? 'has' : 'lacks'
  const active = servers.find(({ state }) => state === 'active')?.pin
  return active === undefined || pin === undefined || pin === active ? undefined : 'lacks'
}

/** The leadership over the log that all servers share. */
export const LeadershipStatus = Type.Object({
  isActive: Type.Boolean({ description: 'whether the server that is asked is the active one' }),
  active: Type.Optional(Type.String({ description: 'URL of the active server; absent if none is known' })),
  term: Type.Integer({ description: 'number that grows each time that another server becomes the active one' }),
  since: Type.Optional({ ...time, description: 'time at which the active server took over, by its own clock' }),
  trouble: Type.Optional(Type.String({ description: 'reason why the server that is asked cannot take over' })),
  troubleSince: Type.Optional({ ...time, description: 'time since which it cannot, as far as its process knows' })
})
export type LeadershipStatus = Static<typeof LeadershipStatus>

const WhyNot = Type.Object({
  why: Type.String(),
  refuser: Type.Optional(
    Type.Object(
      { is: Type.Enum(['webhook', 'policy']), name: Type.String() },
      { description: 'whose webhook or policy of admission refuses it; absent if none does' }
    )
  )
})

/** The log in the etcd of the cluster, as the active server writes it. */
export const LogStatus = Type.Object({
  number: Type.Integer({ description: 'number of the last batch' }),
  term: Type.Integer({ description: 'number of the last take-over, as the head of the log has it' }),
  batches: Type.Integer({ description: 'batches in the head: their documents are not all written yet' }),
  headBytes: Type.Integer({ description: 'size of the head' }),
  waiting: Type.Integer({ description: 'documents whose newest content is in the head alone' }),
  documents: Type.Integer({ description: 'number of documents' }),
  bytes: Type.Integer({ description: 'size of all documents' }),
  written: Type.Integer({ description: 'bytes that this server has sent to etcd since its start' }),
  unavailable: Type.Optional(
    Type.Object({ since: time, ...WhyNot.properties }, { description: 'absent if the log can be written' })
  ),
  behind: Type.Optional(
    Type.Object(WhyNot.properties, {
      description: 'reason why documents wait; absent if they wait for nothing but their turn'
    })
  )
})
export type LogStatus = Static<typeof LogStatus>
