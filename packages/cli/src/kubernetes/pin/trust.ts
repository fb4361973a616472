import { CommandEnd } from '@joinery/host/command-end'
import { escapeText, fingerprintDigits, type Install, isFingerprintOf, minute } from '@joinery/protocol'
import { exitCodes } from '../../terminal/errors.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { type CompareParts, comparePin, isChanged, keepPin, type Seen } from './compare-pin.ts'
import { type NamedPin, namedPin, type PinPlaces } from './named-pin.ts'
import { openInstall } from './open-install.ts'

export interface TrustParts extends CompareParts {
  /** Places beside the option where the operator names a pin. */
  places: PinPlaces
  /** Asks a person. Absent if there is none. */
  ask: Terminal['ask'] | undefined
  err(line: string): void
}

/** The pin of a cluster's pairing server, compared with the one that earlier commands saw. */
export interface Trust {
  /** Looks once, and warns if the pin is another one. Never throws but for a pin that was typed and is wrong. */
  greet(): Promise<void>
  /**
   * Tells what a machine must trust: what the pairing server has signed, opened under a pin that the operator named. Throws if nobody
   * named one, or if anything does not hold.
   */
  install(): Promise<Install>
}

export const trust = (parts: TrustParts): Trust => {
  const { err, clock } = parts
  let last: { at: number; seen: Promise<Seen | CommandEnd> } | undefined
  const look = async (): Promise<Seen | CommandEnd> => {
    const at = clock().getTime()
    // a console lives for hours
    if (last === undefined || Math.abs(at - last.at) > minute) last = { at, seen: comparePin(parts).catch(orEnd) }
    const found = await last.seen
    if (found instanceof CommandEnd) {
      // what failed is looked at again
      last = undefined
      return found
    }
    if (found.verdict === 'another') throw anotherPin(found, parts)
    return found
  }
  const warn = (text: string): void => err(`Warning: ${escapeText(text)}\n`)
  return {
    greet: async () => {
      const found = await look()
      if (found instanceof CommandEnd) return
      if (isChanged(found)) warn(`${changed(found)}; ${wayOut(found)}`)
      if (found.announced !== undefined) err(`Note: ${escapeText(announced(found.announced))}\n`)
      if (found.broken !== undefined) warn(`the pin of this cluster cannot be compared: ${found.broken}`)
      if (found.unkept !== undefined) warn(`the pin of this cluster cannot be kept: ${found.unkept}`)
    },
    install: async () => {
      const found = await look()
      if (found instanceof CommandEnd) throw found
      const named = await requireNamed(found, parts)
      const { installation, uid, kept } = found
      const newest = kept?.pin === named.pin ? kept.issued : undefined
      const opened = await openInstall(installation, { named, cluster: uid, newest, now: clock() })
      const { install, issued, strangers } = opened
      if (strangers) warn('the cluster shows a CA that its pairing server has not proven; it is left out')
      const pin = { pin: named.pin, proven: install.nextPin, named: true as const }
      const unkept = await keepPin(parts, found, {
        ...pin,
        issued: newest !== undefined && newest > issued ? newest : issued
      })
      if (unkept !== undefined) warn(`the pin of this cluster cannot be kept: ${unkept}`)
      return install
    }
  }
}

const orEnd = (error: unknown): CommandEnd => {
  if (error instanceof CommandEnd) return error
  throw error
}

/** The pin that the operator named: typed, in the environment or the project, or for an earlier command. Else a person is asked. */
const requireNamed = async (found: Seen, parts: TrustParts): Promise<NamedPin> => {
  const { kept, verdict, installation, broken } = found
  if (broken !== undefined) {
    const remedy = `look at the file, or forget all pins: rm ${parts.pins?.path}`
    throw new CommandEnd(exitCodes.conflict, `the pin of this cluster cannot be compared: ${broken}`, remedy)
  }
  if (parts.typed !== undefined) return { pin: parts.typed, by: '--pin' }
  if (verdict === 'elsewhere') throw changedPin(found)
  const named = await namedPin(parts.places)
  if (named !== undefined) {
    // what was named once is replaced by what is typed alone
    if (!kept?.named || named.pin === kept.pin || named.pin === kept.proven) return named
    const cause = `${named.by} names the pin ${named.pin}, and this cluster had ${kept.pin} until now`
    throw new CommandEnd(exitCodes.conflict, cause, `${compare}; if its keys were made again: --pin ${named.pin}`)
  }
  if (verdict === 'changed') throw changedPin(found)
  if (kept?.named) return { pin: verdict === 'followed' ? installation.pin : kept.pin, by: 'the pin that was kept' }
  return { pin: await askPin(found, parts), by: 'the pin that was typed' }
}

/** Asks for the pin that the server's own host shows: what the cluster shows is nobody's word. */
const askPin = async ({ installation: { pin } }: Seen, { ask, err }: TrustParts): Promise<string> => {
  const first = 'nobody has named the pin of this pairing server here, and a first look proves nothing'
  if (ask === undefined) throw new CommandEnd(exitCodes.usage, first, namePin)
  err(`${first}.\n`)
  const digits = fingerprintDigits(
    await ask('Type the pin, or its first 20 digits, as sudo joinery status shows it on the host of the server: ')
  )
  if (digits !== undefined && isFingerprintOf(digits, pin)) return pin
  throw digits === undefined
    ? new CommandEnd(exitCodes.failure, 'that is no pin, because a pin has at least 20 hex digits', namePin)
    : new CommandEnd(
        exitCodes.conflict,
        `the cluster shows the pin ${pin}, and not the one that was typed`,
        compareAgain
      )
}

const compare = 'compare it on the host of the pairing server: sudo joinery status'
const compareAgain = `${compare}; if you typed what it shows, somebody stands in the place of the server`

/** The whole line for the place where the pin is known: what it prints is pasted here. */
const namePin =
  "on the host of the pairing server: sudo joinery status -o jsonpath='export JOINERY_PIN={.agents.pin}'; paste here what it prints"

const changed = ({ installation: { pin }, kept, verdict }: Seen): string =>
  verdict === 'elsewhere'
    ? `this context, or the CA of its API server, belonged to another cluster until now, and this one has the pin ${pin}: somebody may stand in its place`
    : `the pairing server of this cluster has the pin ${pin}, and had ${kept?.pin} until now: somebody may stand in its place`

const announced = (pin: string): string =>
  `the pairing server of this cluster will have the pin ${pin}, and has signed so by the one that it has (joinery-server rotate-ca)`

const wayOut = ({ installation: { pin } }: Seen): string => `${compare}; if its keys were made again: --pin ${pin}`

const changedPin = (seen: Seen): CommandEnd => new CommandEnd(exitCodes.conflict, changed(seen), wayOut(seen))

const anotherPin = ({ installation: { pin } }: Seen, { typed }: TrustParts): CommandEnd =>
  new CommandEnd(exitCodes.conflict, `the pairing server has the pin ${pin}, not ${typed}`, 'compare them again')
