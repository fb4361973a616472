import { randomBytes } from 'node:crypto'
import { CommandEnd } from '@joinery/host/command-end'
import type { Session } from '../session/session.ts'
import { exitCodes } from '../terminal/errors.ts'
import { consoleApi } from './api.ts'
import { readAssets } from './assets.ts'
import { Entrance, linkLasts } from './guard/entrance.ts'
import { makeRedirectFile, type RedirectFile } from './guard/redirect-file.ts'
import { consoleHandler, enterPath } from './http/handler.ts'
import { listenOnLoopback } from './http/listen.ts'
import { Streams } from './http/streams.ts'
import { Looks } from './looks.ts'

export interface ConsoleOptions {
  /** Port, or 0 for a free one. */
  port: number
  /** True if a browser is opened, if there is one. */
  open: boolean
  /** Longest life of the console, in seconds. */
  lifetime: number
}

/** Milliseconds between two looks whether the console must end. */
const lookAtEnd = 1_000

/**
 * Serves the console until it ends: by Ctrl-C, by its lifetime, or because nobody uses it. Throws if nobody used the link.
 *
 * Its host is a random name below `localhost`. A browser sends a cookie to every port of a host, so a console at 127.0.0.1 would show
 * its cookie to any other program that a user of this machine runs there.
 */
export const serveConsole = async (session: Session, { port, open, lifetime }: ConsoleOptions): Promise<void> => {
  const { client, terminal } = session
  const monotonic = (): number => performance.now()
  const assets = readAssets(terminal.consoleFolder)
  const entrance = new Entrance({ random: randomBytes, monotonic })
  const host = `joinery-${randomBytes(8).toString('hex')}.localhost`
  const looks = new Looks({
    follow: () => client.follow(),
    pause: terminal.pause,
    now: terminal.now,
    told: terminal.told
  })
  const state: ConsoleState = { began: monotonic(), pages: 0, lifetime: lifetime * 1000 }
  const ends = new Date(terminal.now().getTime() + state.lifetime)
  const streams = new Streams(looks)
  const api = consoleApi({ session, looks, ends, monotonic })
  let redirect: RedirectFile | undefined
  const used = (): void => {
    state.used = monotonic()
    redirect?.remove()
  }
  const handler = (at: number) => {
    const handle = consoleHandler({ own: `${host}:${at}`, entrance, assets, api, streams, told: terminal.told, used })
    return (...given: Parameters<typeof handle>): void => void handle(...given)
  }
  const listening = await listenOnLoopback(handler, port)
  const interrupted = Promise.withResolvers<'interrupt'>()
  const ignore = terminal.onInterrupt?.(() => {
    redirect?.remove()
    interrupted.resolve('interrupt')
  })
  let end: ConsoleEnd | 'interrupt' | undefined
  try {
    const link = `http://${host}:${listening.port}${enterPath}${entrance.secret}`
    await terminal.deliver(`${link}\n`)
    terminal.err(howToOpen)
    if (open && terminal.browse !== undefined) {
      redirect = makeRedirectFile(link)
      terminal.browse(redirect.path)
    }
    while (end === undefined) {
      end = await Promise.race([terminal.pause(lookAtEnd), interrupted.promise]).then((how) => how ?? undefined)
      end ??= decideEnd({ ...state, pages: streams.open }, monotonic())
    }
  } finally {
    ignore?.()
    redirect?.remove()
    looks.end(words[end ?? 'interrupt'])
    entrance.close()
    listening.close()
  }
  if (end === 'link-not-used') throw new CommandEnd(exitCodes.timeout, words[end], 'joinery console')
  if (end !== 'interrupt') terminal.err(`The console has ended: ${words[end]}\n`)
}

const howToOpen = `Open the link in a browser on this machine. It is good once, for 10 minutes.
Ctrl-C ends the console.
`

const words: Readonly<Record<ConsoleEnd | 'interrupt', string>> = {
  lifetime: 'its lifetime is over',
  idle: 'no page used it for 30 minutes',
  'link-not-used': 'nobody opened the link within 10 minutes',
  interrupt: 'its command was ended'
}

/** Milliseconds after which a console ends that no page uses. */
export const idleLasts = 30 * 60_000

/** The state of a console. Times are milliseconds of the monotonic clock. */
export interface ConsoleState {
  began: number
  /** Time of the last request of somebody who has come in. Absent if nobody has. */
  used?: number
  /** Number of pages that listen. */
  pages: number
  lifetime: number
}

export type ConsoleEnd = 'lifetime' | 'idle' | 'link-not-used'

/** The reason for which a console must end now. Undefined if it goes on. */
export const decideEnd = ({ began, used, pages, lifetime }: ConsoleState, now: number): ConsoleEnd | undefined => {
  if (now - began >= lifetime) return 'lifetime'
  if (used === undefined) return now - began >= linkLasts ? 'link-not-used' : undefined
  return pages === 0 && now - used >= idleLasts ? 'idle' : undefined
}
