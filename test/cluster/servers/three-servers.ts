import { writeFile } from 'node:fs/promises'
import { connect, type SocketClient } from '@joinery/cli/testing/session'
import type { Status } from '@joinery/protocol'
import { stringify } from 'yaml'
import type { Bed } from '../bed/bed.ts'
import type { Process } from '../bed/inside.ts'
import type { Result } from '../bed/run.ts'
import { waitFor } from '../bed/wait-for.ts'
import { joineryProgram, minutes, serverProgram } from '../product.ts'

/** One pairing server of several, as a process of the bed. */
export interface OneServer {
  readonly name: string
  /** Port of its agents' listener. */
  readonly port: number
  /** URL that it tells machines. */
  readonly url: string
  /** Paths inside the bed. */
  readonly socket: string
  readonly state: string
  readonly config: string
  start(): Promise<void>
  /** Sends a signal, and waits for the end unless it is one that stops or continues. */
  signal(name: NodeJS.Signals): Promise<void>
  /** True while the process runs. */
  isUp(): boolean
  /** Runs `joinery` by the socket of this server. */
  joinery(...words: string[]): Promise<Result>
  /** Runs `joinery-server` with the configuration of this server. */
  program(...words: string[]): Promise<Result>
  /** Asks by the socket of this server. */
  ask<T>(what: (operator: SocketClient) => Promise<T>): Promise<T>
}

export interface Servers {
  readonly all: readonly OneServer[]
  readonly pin: string
  /** The server that says it is active. Undefined if none does. */
  active(): Promise<OneServer | undefined>
  /** Waits until one is active, and gives it. */
  untilActive(not?: OneServer): Promise<OneServer>
}

const passphraseFile = '/run/joinery/keys-passphrase'
const keysFile = '/run/joinery/joinery.keys'

/** Three servers of one installation, at three ports of the bed. The first one makes the keys, and the others get them by the keys file. */
export const threeServers = async (bed: Bed): Promise<Servers> => {
  const must = async (argv: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await bed.exec(argv)
    if (code !== 0) throw new Error(`${argv.join(' ')}: exit status ${code}\n${stderr}`)
    return stdout
  }
  const all = [1, 2, 3].map((number) => oneServer(bed, number))
  const [first, ...others] = all as [OneServer, ...OneServer[]]
  for (const server of all) await configure(bed, server)
  const init = ['init', '--config', first.config, '--address', '172.30.0.1']
  const pin = /^pin: (\S+)$/m.exec(await must([...serverProgram, ...init]))?.[1] ?? 'no pin'
  const exported = await must([...serverProgram, 'keys', 'export', '--out', keysFile, '--config', first.config])
  await writeFile(bed.hostPath(passphraseFile), passphraseIn(exported), { mode: 0o600 })
  for (const { config } of others) {
    const keys = ['--keys', keysFile, '--passphrase-file', passphraseFile]
    await must([...serverProgram, 'init', '--config', config, '--address', '172.30.0.1', ...keys])
  }
  for (const { config } of all) await must([...serverProgram, 'setup', '--config', config])

  const active = async (): Promise<OneServer | undefined> => {
    const found = await Promise.all(all.map(async (server) => ((await isActive(server)) ? server : undefined)))
    return found.find((server) => server !== undefined)
  }
  return {
    all,
    pin,
    active,
    untilActive: async (not) => {
      const found = await waitFor(
        'a server to be active',
        active,
        (server) => server !== undefined && server !== not,
        minutes
      )
      return found as OneServer
    }
  }
}

const passphraseIn = (printed: string): string => {
  const [, passphrase] = /^passphrase: (.+)$/m.exec(printed) ?? []
  if (passphrase === undefined) throw new Error('keys export printed no passphrase')
  return passphrase
}

const isActive = async (server: OneServer): Promise<boolean> => {
  if (!server.isUp()) return false
  const { code, stdout } = await server.joinery('status', '-o', 'json')
  return code === 0 && (JSON.parse(stdout) as Status).leadership?.isActive === true
}

const configure = async (bed: Bed, { config, state, port, url, socket }: OneServer): Promise<void> => {
  const text = stringify({
    agents: { listen: `0.0.0.0:${port}`, address: url },
    operators: { socket },
    state,
    store: 'cluster'
  })
  await writeFile(bed.hostPath(config), text)
}

const oneServer = (bed: Bed, number: number): OneServer => {
  const name = `server-${number}`
  const port = 7440 + number
  const [socket, state] = [`/run/joinery/${name}.sock`, `/var/lib/joinery-server/${name}`]
  const config = `/etc/joinery/${name}.yaml`
  let [running, up]: [Process?, boolean?] = []
  const joinery = (...words: string[]) => bed.exec([...joineryProgram, ...words, '--socket', socket])
  const ended = () => waitFor(`${name} to end`, async () => !up, Boolean, minutes)
  return {
    name,
    port,
    url: `https://172.30.0.1:${port}`,
    socket,
    state,
    config,
    isUp: () => up === true,
    start: async () => {
      const own = await bed.spawn(name, [...serverProgram, 'run', '--config', config])
      running = own
      up = true
      void own.exited.then(() => {
        if (running === own) up = false
      })
      await waitFor(
        `${name} to answer`,
        async () => (await joinery('status')).code,
        (code) => code === 0,
        minutes
      )
    },
    signal: async (signal) => {
      running?.kill(signal)
      if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await ended()
    },
    joinery,
    program: (...words) => bed.exec([...serverProgram, ...words, '--config', config]),
    ask: (what) => {
      const operator = connect(bed.hostPath(socket))
      return what(operator).finally(() => operator.close())
    }
  }
}
