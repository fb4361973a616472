import type { Budgets } from '@joinery/server/testing/base'

export interface BudgetRow {
  what: string
  /** With its unit. */
  number: string
  /** What happens to what is more. */
  more: string
}

/** `section.name` of every number. */
type Name<T, Section extends string = ''> = {
  [Key in keyof T & string]: T[Key] extends number ? `${Section}${Key}` : Name<T[Key], `${Section}${Key}.`>
}[keyof T & string]

type Unit = 'ms' | 's' | 'bytes' | ''

/** What is said of each number: one without words, or words without a number, do not compile. */
const words: Record<Name<Budgets>, [what: string, unit: Unit, more: string]> = {
  'connections.all': ['connections', '', 'the oldest stranger goes; when there is none, the newcomer is refused'],
  'connections.strangers': [
    'connections of strangers: their key has no live enrolment, or is not proven yet',
    '',
    'the oldest goes'
  ],
  'connections.strangersOfAddress': ['the same, of one IPv4 address or IPv6 /64', '', 'the oldest of the address goes'],
  'connections.requestsOfStranger': ['requests on one connection of a stranger', '', 'the connection is closed'],
  'connections.ofKey': ['connections of one key with a live enrolment', '', 'its oldest goes'],
  'handshakes.stepsInTurn': [
    'steps of TLS handshakes in one turn of the event loop',
    '',
    'they wait, and addresses are taken in turn'
  ],
  'handshakes.silence': ['time for the first byte of a handshake', 'ms', 'the connection is cut'],
  'handshakes.timeout': ['time for the rest of the handshake', 'ms', 'the connection is cut'],
  'handshakes.bytes': ['what a client may send before the end of the handshake', 'bytes', 'the connection is cut'],
  'sent.bytes': [
    'what a connection may send between two requests, in records of TLS',
    'bytes',
    'the connection is cut'
  ],
  'sent.record': ['least bytes that one of these records counts as', 'bytes', 'so 32 records are the most'],
  'sent.atOnce': [
    'records that are read as they come, after the handshake',
    '',
    'they wait, and addresses are taken in turn'
  ],
  'sent.waiting': ['connections whose records wait for a turn', '', 'a stranger is cut'],
  'keepAlive.strangers': ['time without a request, of a stranger', 'ms', 'the connection is closed'],
  'keepAlive.known': ['time without a request, of a key with a live enrolment', 'ms', 'the connection is closed'],
  'requests.headersTimeout': ['time for the headers of a request', 'ms', 'the connection is cut'],
  'requests.timeout': ['time for all of a request', 'ms', 'the connection is cut'],
  'requests.bodyBytes': ['body of a request', 'bytes', '413 `too-large`'],
  'packages.all': [
    "the agent's packages that are on their way to machines",
    '',
    '429 with `Retry-After`; an address that has most gives up its oldest for one that has two fewer'
  ],
  'packages.ofAddress': ['the same, to one IPv4 address or IPv6 /64', '', '429 with `Retry-After`'],
  'packages.idle': ['time in which a machine takes nothing of its package', 'ms', 'the connection is cut'],
  'packages.retryAfter': ['pause of a machine that found no place for its package', 's', ''],
  'polls.all': [
    'long polls that wait at the same time; one of each key',
    '',
    '429 for a machine that has nothing new; the older poll of a key ends with 204'
  ],
  'polls.endedRetryAfter': [
    '`Retry-After` of a poll that a newer one of its key ended',
    's',
    'the agent waits that long, and a little more by chance'
  ],
  'polls.fullRetryAfter': [
    '`Retry-After` if no more polls may wait',
    's',
    'the agent waits that long, and a little more by chance'
  ],
  'calls.observations.each': [
    'enrolments, observations and polls from another address of one key: one in',
    'ms',
    '429 `too-many-requests`'
  ],
  'calls.observations.burst': ['the same, at once', '', '429'],
  'calls.progress.each': ['reports of one key with 20 stage lines at most: one in', 'ms', '429'],
  'calls.progress.burst': ['the same, at once', '', '429'],
  'calls.outcomes.each': ['outcomes of one key: one in', 'ms', '429'],
  'calls.outcomes.burst': ['the same, at once', '', '429'],
  'calls.recoveries.each': ['asks of one key for the way back: one in', 'ms', '429'],
  'calls.recoveries.burst': ['the same, at once', '', '429'],
  'calls.claims.each': ['claims of one key: one in', 'ms', '429'],
  'calls.claims.burst': ['the same, at once', '', '429'],
  'calls.causes.each': ['reports of one key of why its Node is not Ready: one in', 'ms', '429'],
  'calls.causes.burst': ['the same, at once', '', '429'],
  'refusals.each': [
    'writes that a code refused another machine for the same reason: one in',
    'ms',
    'the next one counts those in between'
  ],
  'refusals.burst': ['the same, at once after a quiet time', '', ''],
  rememberedKeys: [
    'keys whose number of calls the server remembers',
    '',
    'the one that called longest ago is forgotten'
  ],
  'log.lines.each': [
    'lines of the log, except alerts, that the agent of one enrolment causes, and as many that its kubelet causes: one in',
    'ms',
    'only the timeline has it'
  ],
  'log.lines.burst': ['the same, at once', '', 'only the timeline has it'],
  'log.detail': ['characters of the detail of such a line', '', 'it is cut; the timeline has all of it'],
  'nodeConditions.each': [
    'changes of the condition of one Node, as its kubelet reports it, that the server writes: one in',
    'ms',
    'the next look at the cluster after that writes the condition of that time'
  ],
  'nodeConditions.burst': ['the same, at once', '', 'as above'],
  'gates.all.each': [
    'looks at the Pods of Nodes that wait for their gates: one in',
    'ms',
    'a later look at the cluster does it'
  ],
  'gates.all.burst': ['the same, at once', '', 'as above'],
  'gates.ofOne.each': ['looks at the Pods of one Node that waits for its gates: one in', 'ms', 'as above'],
  'gates.ofOne.burst': ['the same, at once', '', 'as above'],
  'gates.pods': ['Pods of one Node that such a look reads', '', 'the others do not count'],
  'diagnosis.looks.each': [
    'looks at Nodes that are not Ready, to say why, at all of them together: one in',
    'ms',
    'the Node that has waited longest is next'
  ],
  'diagnosis.looks.burst': ['the same, at once', '', 'as above'],
  'diagnosis.asked.each': ['the same looks, as operators ask for them: one in', 'ms', '429 `too-many-requests`'],
  'diagnosis.asked.burst': ['the same, at once', '', '429'],
  'diagnosis.changes.each': [
    'changes of the likeliest cause of one enrolment that the server writes: one in',
    'ms',
    'the next look after that writes the cause of that time'
  ],
  'diagnosis.changes.burst': ['the same, at once', '', 'as above'],
  'diagnosis.knocks.each': [
    "calls to the kubelet's port of one machine of which nothing is heard: one in",
    'ms',
    'the last answer stands'
  ],
  'diagnosis.remembered': ['enrolments whose number of changes the server remembers', '', 'the oldest is forgotten'],
  'diagnosis.pause': ['between two rounds over the Nodes that are due', 'ms', 'they wait for the next one'],
  'dialBack.slots': [
    'machines that the server dials at the same time; for one code half as many as are free, for one address as many as are free',
    '',
    '429'
  ],
  'dialBack.retryAfter': ['`Retry-After` of that', 's', 'the agent goes on, and asks again a minute later'],
  'passes.rest': [
    'between two passes over the cluster, at least',
    'ms',
    'what changes meanwhile waits for the next one'
  ],
  'passes.idleRest': ['the same while no machine joins', 'ms', 'the same'],
  'generation.rest': [
    'between two writes of the generation, by which the cluster hears that the store has changed',
    'ms',
    'the next pass after that writes it, at the latest the sweep of each minute, or the orderly end of the server'
  ],
  'decisions.page': ['Decisions of the cluster that the server reads at a time', '', 'it asks for the next ones'],
  'decisions.listed': [
    'Decisions that one list reads; a look reads at most three, each without the users who fill the ones before',
    '',
    'theirs wait until older ones are deleted'
  ],
  'decisions.judged': [
    'open Decisions that one look judges, by turns of their makers, the newest first; with each approval it judges what others have against it',
    '',
    'the next look judges them'
  ],
  'decisions.atOnce': ['enrolments whose Decisions are carried out at the same time', '', 'they wait for their turn'],
  'decisions.kept': [
    'settled Decisions that stay in the cluster, by turns of their makers',
    '',
    'the oldest of who has most are deleted'
  ],
  'decisions.deleted': ['Decisions that one look deletes', '', 'the next look deletes them'],
  'decisions.rest': [
    'between two looks at the Decisions, at least',
    'ms',
    'what comes meanwhile waits for the next one'
  ],
  'decisions.again': ['the same after a look that could not do all that it had to', 'ms', 'as above'],
  'codes.page': ['Codes of the cluster that the server reads at a time', '', 'it asks for the next ones'],
  'codes.listed': [
    'Codes that one list reads; a look reads at most three, each without the users who fill the ones before',
    '',
    'theirs wait; the oldest that are over are deleted, and no code is revoked because its Code is gone'
  ],
  'codes.judged': [
    'new Codes that one look judges, by turns of their makers, and codes that it revokes',
    '',
    'the next look does the others'
  ],
  'codes.atOnce': ['Codes that are judged at the same time', '', 'they wait for their turn'],
  'codes.deleted': ['Codes that one look deletes, seven days after they were over', '', 'the next look deletes them'],
  'codes.excess': ['the same if there are more Codes than one look reads', '', 'as above'],
  'codes.rest': ['between two looks at the Codes, at least', 'ms', 'what comes meanwhile waits for the next one'],
  'codes.again': ['the same after a look that could not do all that it had to', 'ms', 'as above'],
  'codes.writes.each': [
    'writes of the status of Codes: one in',
    'ms',
    'they wait, and what changes meanwhile is in the same write'
  ],
  'codes.writes.burst': ['the same, at once', '', 'as above'],
  'codes.each': ['between two writes of the status of one Code', 'ms', 'as above'],
  'notices.waiting': [
    'notices of one kind that wait for one receiver (`webhooks`)',
    '',
    'one notice stands for all further ones, and says how many'
  ],
  'notices.kept': ['notices that one receiver did not take, and that are kept', '', 'the oldest go, and are counted'],
  'notices.timeout': [
    'time for one try of a notice, or of a trace; of each receiver there is one at a time',
    'ms',
    'the connection is cut, and it is tried again'
  ],
  'notices.gather': ['from a commit to the look at the timelines for notices', 'ms', 'the look finds all that came'],
  'notices.again': ['after trouble with the store, until notices are tried again', 'ms', 'they wait'],
  'notices.page': ['entries of timelines that such a look reads at a time', '', 'it reads the next ones'],
  'notices.unsaved': [
    'entries without a notice that are read before the place in the timelines is written',
    '',
    'a crash reads them again'
  ],
  'events.readers': [
    'streams of changes (`GET /v1/events`) at the same time',
    '',
    'a further one is refused with 429; a command then looks again and again'
  ],
  'events.remembered': [
    'enrolments of which the last change is remembered for those who come back, and those that one reader has not taken yet',
    '',
    'the reader is told to look at the whole list'
  ],
  'events.batch': ['enrolments in one event', '', 'the next event has them'],
  'events.gather': ['from a change until it is told', 'ms', 'what changes meanwhile is in the same event'],
  'events.heartbeat': ['time in which a stream says nothing', 'ms', 'a comment is sent'],
  'events.look': [
    'between two looks whether enrolments look different without a commit',
    'ms',
    'the next look finds it'
  ],
  'events.sweep': ['between two looks at all enrolments on their way, for the same', 'ms', 'the next look finds it'],
  'policy.look': ['between two looks at the file of the approval policy', 'ms', 'a change counts from the next one on'],
  'policy.gather': [
    'from a commit to the judgement of its machine by the policy',
    'ms',
    'what comes meanwhile is judged with it'
  ],
  'policy.sweep': [
    'between two looks of the policy at all machines that wait',
    'ms',
    'each commit makes its machine judged sooner'
  ],
  'audit.batch': ['leaves that go into the folder of the audit log at a time', '', 'the next ones follow at once'],
  'audit.gather': ['from a commit to the writing of that folder', 'ms', 'all that came meanwhile is written with it'],
  'audit.gatherInCluster': [
    'the same if the store is in the cluster',
    'ms',
    'all that came meanwhile is written with it'
  ],
  'audit.idle': ['between two looks at that folder if there are no new leaves', 'ms', 'a new leaf ends the pause'],
  'audit.again': ['after trouble with that folder, until it is tried again', 'ms', 'leaves wait in the store'],
  'audit.readers': [
    'readers over the socket that have a leaf of their own in one hour',
    '',
    'further ones have one together'
  ],
  'audit.elsewhere': [
    'between two checkpoints for the places that `audit.checkpoints` names',
    'ms',
    'each place gets the newest one'
  ],
  'views.writes.each': [
    'writes of objects by which Kubernetes shows the enrolments (`kubectl get enrolments`): one in',
    'ms',
    'they wait, and what changes meanwhile is in the same write'
  ],
  'views.writes.burst': ['the same, at once', '', 'as above'],
  'views.each': ['between two writes of one such object', 'ms', 'as above'],
  'views.arriving': [
    'until such an object shows how far a machine has come between its claim and Ready',
    'ms',
    'steps that follow one another are in the same write'
  ],
  'views.putBack': [
    'until the server puts back such an object that somebody else changed',
    'ms',
    'it stays until then'
  ],
  'views.sweep': [
    'between two looks at all of these objects',
    'ms',
    'a watch tells of most changes within a second, and the next look finds the others'
  ],
  'views.page': ['between two pages of such a look, of 250 objects each', 'ms', 'the look takes longer'],
  'clusterLog.total': [
    'what all documents of `store: cluster` may take in etcd',
    'bytes',
    '503 `store-unavailable` for each commit that takes more room'
  ],
  'clusterLog.rate.bytes': [
    'what `store: cluster` writes to etcd in one second',
    'bytes',
    '503 `store-unavailable` until time has brought room'
  ],
  'clusterLog.rate.burst': ['the same, at once after a quiet time', 'bytes', '503 `store-unavailable`'],
  'clusterLog.atOnce': ['documents of `store: cluster` that are written at the same time', '', 'the others wait'],
  'clusterLog.gather': [
    'time without new content after which a document of `store: cluster` is written',
    'ms',
    'until then the head has it'
  ],
  'clusterLog.gatherAtMost': ['the same for a document that has new content all the time', 'ms', 'as above'],
  'clusterLog.gatherBelow': [
    'head of the log up to which documents wait so',
    'bytes',
    'those that have rested longest are written at once'
  ],
  'clusterLog.room': [
    'time that a commit waits for room in the head of the log',
    'ms',
    '503 `store-unavailable`; the head holds 512 KB'
  ],
  'clusterLog.idle': [
    'time without a commit after which a server that doubts the head moves it',
    'ms',
    'one commit more'
  ],
  'clusterLog.clear': ['time without a commit after which what is written leaves the head', 'ms', 'one commit more'],
  'clusterLog.pause': ['first pause after a call for the log that failed', 'ms', 'each further pause is twice as long'],
  'clusterLog.pauseAtMost': ['longest such pause', 'ms', 'it is not longer'],
  'clusterLog.told.each': [
    'alerts of documents that somebody edited or put back: one in',
    'ms',
    'the document is written again without an alert'
  ],
  'clusterLog.told.burst': ['the same, at once after a quiet time', '', 'it is written again without an alert'],
  'clusterLog.late': [
    'time for which a request that somebody sent to etcd may be carried out late',
    'ms',
    'until then a document that was deleted leaves its name taken'
  ],
  'metrics.connections': ['connections of the port for metrics', '', 'the oldest goes'],
  'metrics.connectionsOfAddress': ['the same, of one IPv4 address or IPv6 /64', '', 'the newcomer is refused'],
  'metrics.newConnections.each': ['new connections there: one in', 'ms', 'the connection is cut before TLS'],
  'metrics.newConnections.burst': ['the same, at once after a quiet time', '', 'the connection is cut before TLS'],
  'metrics.newConnectionsOfAddress.each': [
    'new connections there from one address: one in',
    'ms',
    'the connection is cut before TLS'
  ],
  'metrics.newConnectionsOfAddress.burst': [
    'the same, at once after a quiet time',
    '',
    'the connection is cut before TLS'
  ],
  'metrics.handshake': ['time for a TLS handshake there', 'ms', 'the connection is cut'],
  'metrics.headersTimeout': ['time for a request there', 'ms', 'the connection is cut'],
  'metrics.headerBytes': ['headers of a request there', 'bytes', '431, and the connection is closed'],
  'metrics.idle': ['time without a request there, or without taking the answer', 'ms', 'the connection is closed']
}

export const budgetRows = (budgets: Budgets): BudgetRow[] =>
  numbers(budgets).map(([name, value]) => {
    const [what, unit, more] = words[name as keyof typeof words]
    return { what, number: withUnit(value, unit), more }
  })

const numbers = (section: object, prefix = ''): [name: string, value: number][] =>
  Object.entries(section).flatMap(([key, value]: [string, number | object]) =>
    typeof value === 'number' ? [[`${prefix}${key}`, value] as [string, number]] : numbers(value, `${prefix}${key}.`)
  )

const withUnit = (value: number, unit: Unit): string => {
  if (unit === 'ms' && value % 1000 === 0) return `${value / 1000} s`
  if (unit === 'bytes') return `${value / 1024} KiB`
  return `${value.toLocaleString('en')} ${unit}`.trim()
}
