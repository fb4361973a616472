import type { Identity } from '../../keys/identity.ts'
import type { Clock } from '../../program/clock.ts'
import type { Logger } from '../../program/log.ts'
import type { LastStatement, Word } from '../hear-statement.ts'
import {
  type HttpPairingServer,
  httpPairingServer,
  type MetAuthority,
  type Trust,
  type Witness
} from '../http-pairing-server.ts'
import { NoResult, type PairingServer, type WayBackServer } from '../pairing-server.ts'
import type { Pins } from '../pins.ts'
import type { ServerChoice } from './server-choice.ts'
import type { LearnedServers } from './servers-file.ts'

export interface AnyServerParts {
  choice: ServerChoice
  pins: Pins
  identity: () => Promise<Identity>
  clock: Pick<Clock, 'now'>
  learned: LearnedServers
  log: Logger
}

type Client = PairingServer & WayBackServer

const methods: Record<keyof Client, true> = {
  enrol: true,
  wait: true,
  observe: true,
  cluster: true,
  reachability: true,
  claim: true,
  progress: true,
  outcome: true,
  reportCauses: true,
  recover: true,
  claimRecovery: true
}

/**
 * The pairing server, whichever of several is active. A call asks one server: its error says whether another one is asked next. Each call
 * may be made again at another server, as it may be at the same one: an enrolment, an attempt and a way back are known by the key.
 */
export const anyServer = (parts: AnyServerParts): Client => {
  const { choice, pins, identity, clock, learned, log } = parts
  let at: { url: string; client: HttpPairingServer } | undefined
  let loaded: Promise<unknown> | undefined
  const witness: Witness = {}
  const met: MetAuthority = {}
  const statements = new Map<string, LastStatement>()

  const load = async (): Promise<void> => {
    const kept = await learned.read().catch((error: Error) => {
      log.warn(`the servers that were learned cannot be read: ${error.message}`)
      return []
    })
    choice.remember(kept)
  }

  const hear = async (url: string, pin: string, word: Word | undefined): Promise<void> => {
    // a full disk keeps no agent from its work, and a later answer says the same again
    await pins.met(pin).catch(() => {})
    if (word !== undefined) await pins.said(pin, word.nextPin).catch(() => {})
    choice.heard(url, pin, word?.servers)
    await learned
      .keep(choice.known.learned)
      .catch((error: Error) => log.warn(`learned servers cannot be kept: ${error.message}`))
  }

  const trustOf = (url: string): Trust => {
    for (const other of statements.keys())
      if (!choice.servers.some((server) => server.url === other)) statements.delete(other)
    const last = statements.get(url) ?? {}
    statements.set(url, last)
    return { hear: (pin, word) => hear(url, pin, word), last, log }
  }

  const present = async (): Promise<{ url: string; client: HttpPairingServer }> => {
    loaded ??= load()
    await loaded
    const url = choice.inUse
    if (at?.url === url) return at
    const before = at
    const hasOthers = () => choice.servers.length > 1
    const options = { trust: trustOf(url), hasOthers, witness, met }
    at = { url, client: httpPairingServer(url, pins, identity, clock, options) }
    const opened = at
    await before?.client.close()
    return opened
  }

  const ask = async (method: keyof Client, given: unknown[]): Promise<unknown> => {
    const { url, client } = await present()
    try {
      const answer = await (client[method] as (...given: unknown[]) => Promise<unknown>)(...given)
      choice.answered(url)
      return answer
    } catch (error) {
      // a caller that is stopped says nothing about the server
      if (!(error instanceof NoResult) || given.some(isAborted)) throw error
      throw choice.failed(url, error)
    }
  }

  const client = Object.keys(methods).map((method) => [
    method,
    (...given: unknown[]) => ask(method as keyof Client, given)
  ])
  return Object.fromEntries(client) as Client
}

const isAborted = (argument: unknown): boolean => argument instanceof AbortSignal && argument.aborted
