import { type Exchange, type History, isAcknowledged, mayBeDone, sightings } from '../history.ts'

/** Acknowledged means durable: what was answered once is there afterwards, whatever was killed in between. */
export const nothingLost = (history: History): string[] => [
  ...revisionsGoForward(history),
  ...enrolmentsStay(history),
  ...changesStay(history),
  ...codesStay(history)
]

/** An answer that was asked for after another one was there shows no older revision. */
const revisionsGoForward = (history: History): string[] =>
  Map.groupBy(sightings(history), ({ id, side }) => `${side} ${id}`)
    .entries()
    .flatMap(([whose, seen]) => {
      const bySent = seen.toSorted((one, other) => one.sent - other.sent)
      const byEnd = seen.toSorted((one, other) => one.ended - other.ended)
      let [known, at] = [0, 0]
      return bySent.flatMap(({ sent, revision }) => {
        for (let ended = byEnd[at]; ended !== undefined && ended.ended < sent; ended = byEnd[at]) {
          known = Math.max(known, ended.revision)
          at += 1
        }
        return revision < known ? [`${whose}: revision ${revision} after ${known} was acknowledged`] : []
      })
    })
    .toArray()

const enrolmentsStay = (history: History): string[] => {
  const final = new Set(history.enrolments.map(({ id }) => id))
  const lost = new Set(sightings(history).flatMap(({ id }) => (final.has(id) ? [] : [id])))
  const owners = firstOwners(history)
  const unknown = history.exchanges.filter(
    ({ status, key = '', sent, text }) =>
      status === 404 && sent > (owners.get(key) ?? sent) && text?.includes('this key has no enrolment')
  )
  return [
    ...[...lost].map((id) => `${id} was acknowledged, and is not there at the end`),
    ...unknown.map(({ key, call }) => `${call} of ${key} is answered 404, and its enrolment was acknowledged`)
  ]
}

/** When it was first acknowledged to a key that it has an enrolment: to one from which no release took it. */
const firstOwners = ({ exchanges }: History): Map<string, number> => {
  const releasedTo = Map.groupBy(
    exchanges.filter((one) => one.call === 'release' && mayBeDone(one)),
    ({ reference }) => reference
  )
  const owners = new Map<string, number>()
  for (const one of exchanges) {
    if (one.call !== 'enrol' || one.key === undefined || !isAcknowledged(one)) continue
    const released = releasedTo.get(idOf(one)) ?? []
    if (released.every(({ body }) => (body as { key: string }).key === one.key))
      owners.set(one.key, Math.min(owners.get(one.key) ?? Number.POSITIVE_INFINITY, one.ended))
  }
  return owners
}

/** Which entry of the timeline an acknowledged decision leaves. */
const leaves: Record<string, string> = {
  approve: 'approve',
  reject: 'reject',
  release: 'release',
  retry: 'retry',
  remove: 'remove'
}

const changesStay = ({ exchanges, enrolments }: History): string[] => {
  const byId = new Map(enrolments.map((enrolment) => [enrolment.id, enrolment]))
  return exchanges.flatMap((exchange) => {
    const event = leaves[exchange.call]
    if (event === undefined || exchange.reference === undefined || !isAcknowledged(exchange)) return []
    const timeline = byId.get(exchange.reference)?.timeline ?? []
    const made = timeline.some((entry) => entry.event === event && Date.parse(entry.at) <= exchange.ended)
    return made ? [] : [`${exchange.reference}: ${exchange.call} was acknowledged, and is not in its timeline`]
  })
}

const codesStay = ({ exchanges, codes }: History): string[] => {
  const byId = new Map(codes.map((code) => [code.id, code]))
  const invited = exchanges.filter((one) => one.call === 'createCode' && isAcknowledged(one)).map(idOf)
  const revoked = exchanges.filter((one) => one.call === 'revokeCode' && isAcknowledged(one)).map(idOf)
  return [
    ...invited.filter((id) => !byId.has(id)).map((id) => `code ${id} was acknowledged, and is not there at the end`),
    ...revoked
      .filter((id) => byId.get(id)?.status !== 'revoked')
      .map((id) => `code ${id} was revoked, and is ${byId.get(id)?.status} at the end`)
  ]
}

const idOf = ({ text = '' }: Exchange): string => JSON.parse(text).id
