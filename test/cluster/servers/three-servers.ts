import { readFile, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type SocketClient } from '@joinery/cli/testing/session'
import { stringify } from 'yaml'
import type { Bed } from '../bed/bed.ts'
import type { Process } from '../bed/inside.ts'
import type { Result } from '../bed/run.ts'
import { waitFor } from '../bed/wait-for.ts'
import { agentPackage, joineryProgram, minutes, serverProgram } from '../product.ts'

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
  /** `program`: another build of the server. */
  start(program?: readonly string[]): Promise<void>
  /** Sends a signal, and waits for the end unless it is one that stops or continues. */
  signal(name: NodeJS.Signals): Promise<void>
  /** Waits until the process has ended by itself. */
  ended(): Promise<void>
  /** Has every packet of this server to the API server dropped. */
  cutOff(): Promise<void>
  letBack(): Promise<void>
  /** True while the process runs. */
  isUp(): boolean
  /** True while the process runs and is not stopped. */
  answers(): boolean
  /** Runs `joinery` by the socket of this server. */
  joinery(...words: string[]): Promise<Result>
  /** Runs `joinery-server` with the configuration of this server. */
  program(...words: string[]): Promise<Result>
  /** Asks by the socket of this server. */
  ask<T>(what: (operator: SocketClient) => Promise<T>): Promise<T>
}

export interface Servers {
  readonly all: readonly OneServer[]
  /** Waits until one is active, and gives it. */
  untilActive(not?: OneServer): Promise<OneServer>
  /** Sets a server up that has an empty state folder, as on a new host: by the keys file. */
  setUp(server: OneServer): Promise<void>
}

/** What a real machine installs. The machines of a crew need none. */

/** Another address of the API server, which its certificate names: that of the Service `kubernetes`. */
const serviceAddress = '10.96.0.1'

/** Milliseconds after which a server that renews its Lease each 2 s has called by a new kubeconfig. */
const serviceInUse = 3000

const addressOfService = (act: 'add' | 'delete'): string[] => [
  'ip',
  'address',
  act,
  `${serviceAddress}/32`,
  'dev',
  'lo'
]

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
  await must([...serverProgram, ...init])
  const exported = await must([...serverProgram, 'keys', 'export', '--out', keysFile, '--config', first.config])
  await writeFile(bed.hostPath(passphraseFile), passphraseIn(exported), { mode: 0o600 })
  const setUp = async ({ config }: OneServer): Promise<void> => {
    const keys = ['--keys', keysFile, '--passphrase-file', passphraseFile]
    await must([...serverProgram, 'init', '--config', config, '--address', '172.30.0.1', ...keys])
    await must([...serverProgram, 'setup', '--config', config])
  }
  // each server has a way of its own to the API server, so that one can be cut off
  await must(addressOfService('add'))
  await must([...serverProgram, 'setup', '--config', first.config])
  for (const server of others) await setUp(server)

  const active = async (): Promise<OneServer | undefined> => {
    const found = await Promise.all(all.map(async (server) => ((await isActive(server)) ? server : undefined)))
    return found.find((server) => server !== undefined)
  }
  return {
    all,
    setUp,
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

/** A server that stands by answers nothing but its status. One that was stopped by a signal answers nothing at all. */
const isActive = async (server: OneServer): Promise<boolean> =>
  server.answers() && (await server.joinery('code', 'list')).code === 0

const configure = async (bed: Bed, { config, state, port, url, socket }: OneServer): Promise<void> => {
  const text = stringify({
    agents: { listen: `0.0.0.0:${port}`, address: url },
    operators: { socket },
    state,
    store: 'cluster',
    agentPackage
  })
  await writeFile(bed.hostPath(config), text)
}

const oneServer = (bed: Bed, number: number): OneServer => {
  const name = `server-${number}`
  const port = 7440 + number
  const [socket, state] = [`/run/joinery/${name}.sock`, `/var/lib/joinery-server/${name}`]
  const config = `/etc/joinery/${name}.yaml`
  let running: Process | undefined
  let [up, stopped] = [false, false]
  const kubeconfig = bed.hostPath(`${state}/kubeconfig`)
  const [usual, own] = ['172.30.0.1:6443', `${serviceAddress}:6443`]
  const pointTo = async (from: string, to: string): Promise<void> =>
    writeFile(kubeconfig, (await readFile(kubeconfig, 'utf8')).replace(from, to))
  const address = async (act: 'add' | 'delete'): Promise<void> => {
    const { code, stderr } = await bed.exec(addressOfService(act))
    if (code !== 0) throw new Error(stderr)
  }
  const joinery = (...words: string[]) => bed.exec([...joineryProgram, ...words, '--socket', socket])
  const ended = async (): Promise<void> => {
    const own = running
    // whoever keeps servers up may have started the next process before a look
    await waitFor(`${name} to end`, async () => !up || running !== own, Boolean, minutes)
  }
  return {
    name,
    port,
    url: `https://172.30.0.1:${port}`,
    socket,
    state,
    config,
    isUp: () => up,
    answers: () => up && !stopped,
    start: async (program = serverProgram) => {
      const own = await bed.spawn(name, [...program, 'run', '--config', config])
      running = own
      up = true
      stopped = false
      void own.exited.then(() => {
        if (running === own) up = false
      })
      await waitFor(
        `${name} to answer`,
        // it ends with 1 if the server needs a person
        async () => (await joinery('status')).stdout,
        (stdout) => stdout !== '' || !up,
        minutes
      )
      if (!up) throw new Error(`${name} ended`)
    },
    signal: async (signal) => {
      running?.kill(signal)
      if (signal === 'SIGSTOP') stopped = true
      if (signal === 'SIGCONT') stopped = false
      if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await ended()
    },
    ended,
    // its connections stay as they are, and no packet of them arrives
    cutOff: async () => {
      await pointTo(usual, own)
      await sleep(serviceInUse)
      await address('delete')
    },
    letBack: async () => {
      await address('add')
      await pointTo(own, usual)
    },
    joinery,
    // one that should have been refused, and is a server now, has an end
    program: (...words) => bed.exec([...serverProgram, ...words, '--config', config], { timeout: 3 * minutes }),
    ask: (what) => {
      const operator = connect(bed.hostPath(socket))
      return what(operator).finally(() => operator.close())
    }
  }
}
