import { CommandEnd } from '@joinery/host/command-end'
import { clusterUid } from '@joinery/kube'
import { escapeText, type Install } from '@joinery/protocol'
import type { InstallationView } from '@joinery/protocol/door'
import { given } from '@joinery/protocol/given'
import { exitCodes, NoAnswer } from '../../terminal/errors.ts'
import type { DoorApi } from '../door-api.ts'
import { readInstallation } from '../installation.ts'
import { judgePin, type PinVerdict } from './judge-pin.ts'
import type { Pins } from './pins.ts'

export interface TrustParts {
  api: DoorApi
  /** Absent if nothing is remembered. */
  pins: Pins | undefined
  /** The pin that the operator has named as the new one. */
  acceptPin: string | undefined
  now(): Date
  err(line: string): void
}

/** The pin of a cluster's pairing server, compared with the one that earlier commands saw. */
export interface Trust {
  /** Looks once, and warns if the pin is another one. Never throws but for a pin that was named and is wrong. */
  greet(): Promise<void>
  /** Tells what a machine must trust. Throws if the pin has changed, and nobody has accepted the new one. */
  install(): Promise<Install>
}

export const trust = (parts: TrustParts): Trust => {
  const { err } = parts
  let seen: Promise<Seen | CommandEnd> | undefined
  const look = (): Promise<Seen | CommandEnd> => {
    seen ??= compare(parts).catch((error) => {
      if (error instanceof CommandEnd) return error
      throw error
    })
    return seen
  }
  return {
    greet: async () => {
      const found = await look()
      if (found instanceof CommandEnd) return
      if (found.verdict === 'another') throw anotherPin(found, parts.acceptPin ?? '')
      if (found.verdict === 'changed') err(`Warning: ${escapeText(changed(found))}; ${escapeText(wayOut(found))}\n`)
      if (found.announced !== undefined) err(`Note: ${escapeText(announced(found.announced))}\n`)
      if (found.trouble !== undefined) err(`Warning: ${escapeText(found.trouble)}\n`)
    },
    install: async () => {
      const found = await look()
      if (found instanceof CommandEnd) throw found
      if (found.verdict === 'another') throw anotherPin(found, parts.acceptPin ?? '')
      if (found.verdict === 'changed') throw new CommandEnd(exitCodes.conflict, changed(found), wayOut(found))
      const { version: _, ...install } = found.installation
      return install
    }
  }
}

interface Seen {
  installation: InstallationView
  verdict: PinVerdict
  kept: string | undefined
  /** Pin that the server announces for the first time. */
  announced?: string
  /** Reason why the pin could not be compared or kept. */
  trouble?: string
}

/** Compares the pin with the one that was kept, and keeps it if it is the first one, or was accepted. */
const compare = async (parts: TrustParts): Promise<Seen> => {
  const { api, pins, acceptPin, now } = parts
  const installation = await readInstallation(api)
  const { pin, nextPin: next } = installation
  if (pins === undefined) return { installation, verdict: judgePin(pin, undefined, acceptPin), kept: undefined }
  const cluster = await identityOf(api)
  try {
    const kept = await pins.read(cluster)
    const verdict = judgePin(pin, kept, acceptPin)
    const isNew = verdict === 'first' || verdict === 'accepted' || verdict === 'followed'
    // only the server whose pin is trusted can announce another one
    if (isNew || (verdict === 'same' && kept?.next !== next)) await pins.keep(cluster, pin, now(), next)
    const isAnnounced = verdict === 'same' && kept?.next !== next
    return { installation, verdict, kept: kept?.pin, ...given({ announced: isAnnounced ? next : undefined }) }
  } catch (error) {
    const trouble = `the pin of this cluster cannot be compared or kept: ${(error as Error).message}`
    // without what was kept this look counts as the first one, and is said
    const kept = await pins.keep(cluster, pin, now(), next).then(
      () => '; it is kept from now on',
      () => ''
    )
    const verdict = judgePin(pin, undefined, acceptPin)
    return { installation, verdict, kept: undefined, trouble: `${trouble}${kept}` }
  }
}

/**
 * The identity of a cluster: the uid of its Namespace kube-system. If the operator may not read that, the URL of the API server
 * stands in.
 */
const identityOf = async (api: DoorApi): Promise<string> => {
  try {
    const uid = await api.call(clusterUid)
    if (uid !== undefined) return uid
  } catch (error) {
    if (error instanceof NoAnswer) throw error
  }
  return api.server
}

const changed = ({ installation: { pin }, kept }: Seen): string =>
  `the pairing server of this cluster has the pin ${pin}, and had ${kept} until now: somebody may stand in its place`

const announced = (pin: string): string =>
  `the pairing server of this cluster will have the pin ${pin}, and says so by the one that it has (joinery-server rotate-ca)`

const wayOut = ({ installation: { pin } }: Seen): string =>
  `compare it on the host of the pairing server: joinery status; if its keys were made again: --accept-pin ${pin}`

const anotherPin = ({ installation: { pin } }: Seen, accepted: string): CommandEnd =>
  new CommandEnd(exitCodes.conflict, `the pairing server has the pin ${pin}, not ${accepted}`, 'compare them again')
