import { type Event, forAgents, isNodeName, next } from '@joinery/protocol'
import { Argument } from 'commander'
import type { OperatorClient, SeenCode, SeenEnrolment } from '../operator-client.ts'

export interface Candidate {
  value: string
  description: string
}

/** Argument that names something on the server. It also takes the output of `-o name`: `enrolment/node-1` is `node-1`. */
export class ReferenceArgument extends Argument {
  /** Candidates for the completion of a shell. */
  readonly candidates: (client: OperatorClient) => Promise<Candidate[]>

  constructor(
    kind: 'enrolment' | 'code' | 'webhook',
    text: { flags: string; description: string },
    candidates: ReferenceArgument['candidates']
  ) {
    super(text.flags, text.description)
    this.candidates = candidates
    this.argParser<string | string[] | undefined>((typed, before) => {
      const reference = typed.startsWith(`${kind}/`) ? typed.slice(kind.length + 1) : typed
      return this.variadic ? [...(before ?? []), reference] : reference
    })
  }
}

/**
 * Offers the enrolments to which an event can happen, or for which `wanted` is true. Offers all if neither is given.
 */
export const enrolmentArgument = (
  flags: string,
  wanted?: Event | ((enrolment: SeenEnrolment) => boolean)
): ReferenceArgument =>
  new ReferenceArgument(
    'enrolment',
    { flags, description: 'name or id of an enrolment, or the end of the id' },
    async (client) => {
      const { items } = await client.listRows()
      const referenceOf = referencesIn(items)
      return items
        .filter((enrolment) => isWanted(enrolment, wanted))
        .map((enrolment) => ({
          value: referenceOf(enrolment),
          description: `${enrolment.state}, ${enrolment.address || 'without an agent'}`
        }))
    }
  )

const isWanted = (enrolment: SeenEnrolment, wanted: Parameters<typeof enrolmentArgument>[1]): boolean => {
  if (typeof wanted === 'function') return wanted(enrolment)
  return wanted === undefined || canHappen(wanted, enrolment)
}

/** True if an operator can make the event happen to the enrolment. */
export const canHappen = (event: Event, { state, withoutAgent }: SeenEnrolment): boolean =>
  next(state, event) !== undefined && !(withoutAgent && forAgents.includes(event))

/** Help for the id of a code. */
export const codeId = 'id of a code, or the end of the id'

/** Offers the codes that can still be used. */
export const codeArgument = (flags: string): ReferenceArgument =>
  new ReferenceArgument('code', { flags, description: codeId }, async (client) => {
    const { items } = await client.listCodes()
    return items
      .filter(({ status }) => status === 'open')
      .map(({ id, name }) => ({ value: id, description: name ?? 'any name' }))
  })

/** The operator's shortest name for each enrolment: its node name if no other enrolment has the name, else its id. */
export const referencesIn = (all: readonly SeenEnrolment[]): ((enrolment: SeenEnrolment) => string) => {
  const named = Map.groupBy(all, ({ name }) => name)
  return ({ name, id }) => (isNodeName(name) && named.get(name)?.length === 1 ? name : id)
}

export const referenceTo = (enrolment: SeenEnrolment, all: readonly SeenEnrolment[]): string =>
  referencesIn(all)(enrolment)

/** The enrolment's line in `-o name`. */
export const enrolmentName = (enrolment: SeenEnrolment, all: readonly SeenEnrolment[] = [enrolment]): string =>
  `enrolment/${referenceTo(enrolment, all)}`

export const codeName = ({ id }: SeenCode): string => `code/${id}`

/** Offers the receivers of notices. */
export const webhookArgument = (flags: string): ReferenceArgument =>
  new ReferenceArgument('webhook', { flags, description: 'name of a webhook; all if absent' }, async (client) => {
    const { items } = await client.listWebhooks()
    return items.map(({ name, receiver }) => ({ value: name, description: receiver }))
  })
