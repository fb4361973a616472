import { AsyncLocalStorage } from 'node:async_hooks'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Server } from 'node:https'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { isLive, type State } from '@joinery/protocol'
import { addressGroup } from '../../core/base/address-group.ts'
import type { Budgets } from '../../core/base/budgets.ts'
import type { Logger } from '../../core/base/log.ts'
import type { ConnectionMeter } from '../../core/ports/connections.ts'
import { Crowd } from './crowd.ts'
import { decideAdmission } from './decide-admission.ts'
import { GuardedSocket } from './guarded-socket.ts'
import { overdue } from './overdue.ts'
import { peerKey } from './peer-key.ts'
import { Turns } from './turns.ts'
import type { Visitor } from './visitor.ts'

interface Parts {
  budgets: Pick<Budgets, 'connections' | 'handshakes' | 'keepAlive' | 'sent'>
  /** Time in monotonic milliseconds. */
  now: () => number
  /** Reads the newest enrolment of a key. */
  enrolment: (key: string) => Promise<{ state: State } | undefined>
  log: Pick<Logger, 'warn'>
  meter?: ConnectionMeter | undefined
}

interface Guest extends Visitor {
  readonly socket: GuardedSocket
  /** Begins TLS on the socket. */
  readonly shake: () => void
  /** Requests without an answer. They are counted only while the connection is a stranger. */
  asking: number
  /** All requests that it made as a stranger. */
  asked: number
  /** True if `note` has said what became of the enrolment since the key was proven. */
  noted: boolean
}

/** Pause between two looks at the strangers, in milliseconds. */
const sweepEvery = 1_000

/** Pause between two log lines that say that there was no place, in milliseconds. */
const tellEvery = 60_000

/** Most times in a row that steps of handshakes are put off because somebody came. */
const putOffAtMost = 16

/**
 * Door before the TLS of the agents' listener, where a refusal costs the least. A connection without a live enrolment
 * is a stranger. The number of strangers is bounded, in all and for each address. The oldest stranger goes first, and
 * none stays idle. A known key never goes. Handshakes go step by step, and addresses take turns. So does what comes in
 * many records afterwards.
 */
export class Door {
  readonly #parts: Parts
  readonly #crowd = new Crowd<Guest>()
  readonly #turns = new Turns<Guest>()
  /** Connections that wait for a turn with what came after their handshake. */
  readonly #late = new Set<Guest>()
  /**
   * The connection whose handshake is under way. TLS does not say on which socket a handshake is done, but it says so
   * in the context in which the handshake began.
   */
  readonly #shaking = new AsyncLocalStorage<Guest>()
  readonly #guests = new WeakMap<object, Guest>()
  #nextTurn: NodeJS.Immediate | undefined
  #came = false
  #closed = false
  #putOff = 0
  #crowdedOut = 0
  #tellFrom = Number.NEGATIVE_INFINITY

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Puts this door before `server`: from now on every connection comes through it. */
  guard(server: Server): void {
    // it is a net.Server as well, and tls.Server's own listener begins the handshake
    const [shake] = server.listeners('connection') as [(socket: unknown) => void]
    server.removeAllListeners('connection')
    server.on('connection', (socket: Socket) => this.#come(socket, (guarded) => shake.call(server, guarded)))
    server.prependListener('secureConnection', (socket: TLSSocket) => this.#prove(socket))
    server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) =>
      this.#ask(socket, response)
    )
    // runs after what has come was read: if the server itself was late, no stranger was
    const sweep = setInterval(() => setImmediate(() => this.#sweep()), sweepEvery).unref()
    server.once('close', () => clearInterval(sweep))
  }

  /** Number of connections that are in. */
  get size(): { known: number; strangers: number } {
    const { all, strangers } = this.#crowd.census('')
    return { known: all - strangers, strangers }
  }

  /** Notes what became of an enrolment. */
  note({ key, state }: { key: string; state: State }): void {
    for (const guest of this.#crowd.ofKey(key)) guest.noted = true
    this.#judge(key, state)
  }

  /** Cuts every connection, and each new one from now on. */
  close(): void {
    this.#closed = true
    for (const guest of this.#crowd.all()) guest.cut()
  }

  #come(socket: Socket, shake: (guarded: GuardedSocket) => void): void {
    this.#came = true
    const { budgets, now } = this.#parts
    const group = addressGroup(socket.remoteAddress)
    const admission = decideAdmission(this.#crowd.census(group), budgets.connections)
    if (admission !== 'admit') this.#tell(group)
    if (admission === 'refuse' || this.#closed) return void socket.destroy()
    if (admission === 'displace-neighbour') this.#crowd.oldest(group)?.cut()
    if (admission === 'displace-stranger') this.#crowd.oldest()?.cut()
    const guarded = new GuardedSocket({
      socket,
      limit: budgets.handshakes.bytes,
      sent: budgets.sent,
      arrived: () => this.#queue(guest)
    })
    const guest: Guest = {
      group,
      step: 'silent',
      since: now(),
      known: false,
      asking: 0,
      asked: 0,
      noted: false,
      socket: guarded,
      shake: () => shake(guarded),
      cut: () => {
        this.#leave(guest)
        guarded.destroy()
      }
    }
    this.#crowd.add(guest)
    guarded.once('close', () => this.#leave(guest))
  }

  /** Cuts the strangers that took too long, but not those that wait for a turn. */
  #sweep(): void {
    const now = this.#parts.now()
    for (const stranger of this.#crowd.strangers()) {
      if (overdue(stranger, now, this.#parts.budgets) && !this.#turns.has(stranger)) stranger.cut()
    }
  }

  /** Logs that there is no place left, but not for each connection. */
  #tell(address: string): void {
    this.#crowdedOut += 1
    this.#parts.meter?.crowdedOut()
    const now = this.#parts.now()
    if (now < this.#tellFrom) return
    this.#parts.log.warn(
      { last: address, connections: this.#crowdedOut },
      'connections of strangers were closed or refused: there are more than the server allows'
    )
    this.#tellFrom = now + tellEvery
    this.#crowdedOut = 0
  }

  #leave(guest: Guest): void {
    this.#turns.remove(guest)
    this.#late.delete(guest)
    this.#crowd.remove(guest)
  }

  #queue(guest: Guest): void {
    if (guest.step === 'silent') this.#crowd.begin(guest, 'waiting', this.#parts.now())
    if (guest.socket.isOpen) {
      // what waits is memory
      if (!guest.known && this.#late.size >= this.#parts.budgets.sent.waiting) return void guest.cut()
      this.#late.add(guest)
    }
    this.#turns.add(guest, guest.step === 'shaking')
    this.#nextTurn ??= setImmediate(() => this.#takeTurns())
  }

  #takeTurns(): void {
    this.#nextTurn = undefined
    if (!this.#putsOff()) this.#takeSteps()
    if (!this.#turns.empty) this.#nextTurn ??= setImmediate(() => this.#takeTurns())
  }

  /**
   * True if the next steps of handshakes must wait. The kernel gives one connection in each turn of the event loop, in
   * the order in which they came. While more connections come, those come first. So all of them wait here, and
   * addresses take turns.
   */
  #putsOff(): boolean {
    this.#putOff = this.#came && this.#putOff < putOffAtMost ? this.#putOff + 1 : 0
    this.#came = false
    return this.#putOff > 0
  }

  #takeSteps(): void {
    for (let steps = this.#parts.budgets.handshakes.stepsInTurn; steps > 0; steps -= 1) {
      const guest = this.#turns.next()
      if (guest === undefined) return
      this.#shakeOn(guest)
    }
  }

  #shakeOn(guest: Guest): void {
    if (guest.step === 'waiting') {
      this.#crowd.begin(guest, 'shaking', this.#parts.now())
      this.#shaking.run(guest, guest.shake)
    }
    this.#late.delete(guest)
    guest.socket.handOn()
  }

  /** Notes the key of a connection whose handshake is done. */
  #prove(socket: TLSSocket): void {
    const guest = this.#shaking.getStore()
    // a handshake that did not come through this door
    if (guest === undefined) return void socket.destroy()
    guest.socket.open()
    this.#guests.set(socket, guest)
    // TLS over anything but a net.Socket has no remote address
    Object.defineProperty(socket, 'remoteAddress', { value: guest.socket.remoteAddress })
    this.#crowd.begin(guest, 'idle', this.#parts.now())
    const key = peerKey(socket)
    if (key === undefined) return
    this.#crowd.prove(guest, key)
    // if the store cannot be read, nobody is known
    this.#parts.enrolment(key).then(
      (enrolment) => {
        // the enrolment that was read may be older than what `note` said
        if (enrolment !== undefined && !guest.noted) this.#judge(key, enrolment.state)
      },
      () => {}
    )
  }

  #judge(key: string, state: State): void {
    const known = isLive({ state })
    const guests = this.#crowd.ofKey(key)
    for (const guest of guests) if (guest.known !== known) this.#crowd.setKnown(guest, known)
    if (!known) return
    // the newest ones live: if a machine lost its network, the server hears nothing of its older ones
    for (const guest of guests.slice(0, -this.#parts.budgets.connections.ofKey)) guest.cut()
  }

  /** Notes that there is a request on this connection. */
  #ask(socket: Socket, response: ServerResponse): void {
    const guest = this.#guests.get(socket)
    guest?.socket.renew()
    // known connections have the time-outs of HTTP, and no listener of ours in their memory
    if (guest === undefined || guest.known) return
    response.setHeader('keep-alive', `timeout=${Math.floor(this.#parts.budgets.keepAlive.strangers / 1000)}`)
    guest.asking += 1
    guest.asked += 1
    if (guest.asked >= this.#parts.budgets.connections.requestsOfStranger) response.shouldKeepAlive = false
    this.#crowd.begin(guest, 'asking', this.#parts.now())
    response.once('close', () => {
      guest.asking -= 1
      if (guest.asking === 0) this.#crowd.begin(guest, 'idle', this.#parts.now())
    })
  }
}
