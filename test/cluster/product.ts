import { appendFile, readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { connect, type SocketClient } from '@joinery/cli/testing/session'
import type { Enrolment, EnrolmentDetail, NewCode, State } from '@joinery/protocol'
import { debianVersion } from '../../packaging/release/version.ts'
import type { Bed } from './bed/bed.ts'
import type { Process } from './bed/inside.ts'
import type { Result } from './bed/run.ts'
import { waitFor } from './bed/wait-for.ts'

export const root = resolve(import.meta.dirname, '../..')
export const { version } = JSON.parse(await readFile(`${root}/package.json`, 'utf8')) as { version: string }
const program = (path: string): string[] => [process.execPath, `${root}/dist/${path}`]
export const serverProgram = program('server/joinery-server.mjs')
export const joineryProgram = program('cli/joinery.mjs')
/** The file of a package that was built, by the name of the package. */
export const packageOf = (name: string): string => `${root}/dist/${name}_${debianVersion(version)}_amd64.deb`
export const agentPackage = packageOf('joinery-agent')

export const minutes = 60_000

/** What an operator does with a server, and sees of it. */
export interface Operator {
  /** Runs the operator's command; rejects where it fails. */
  joinery(...words: string[]): Promise<string>
  /** Runs it and gives its exit status too. */
  tryJoinery(...words: string[]): Promise<Result>
  code(name: string): Promise<NewCode>
  list(): Promise<Enrolment[]>
  show(reference: string): Promise<EnrolmentDetail>
  /** Waits until the enrolment is in this state, and gives it. */
  reaches(reference: string, state: State, timeout: number): Promise<EnrolmentDetail>
  /**
   * Waits until a pending machine has said what the server reaches of it. That is a new revision: an approval of what was there
   * before may come too late.
   */
  surveyed(reference: string): Promise<EnrolmentDetail>
}

/** The product as it is built, installed beside the bed's control plane. */
export interface Product extends Operator {
  readonly bed: Bed
  readonly pin: string
  /** `joinery-server setup`, which it has done once: gives what it prints. */
  setup(...words: string[]): Promise<string>
  start(): Promise<void>
  /** Id of the server's process, which is the host's own: another bed has a server as well. */
  processId(): number
  /** SIGKILL: no goodbye. */
  kill(): Promise<void>
}

/** Where a server listens to root. */
export const rootSocket = '/run/joinery/operator.sock'

/** An operator in the bed, at this socket of it. `pause`: between two looks, in milliseconds. */
export const operatorAt = (bed: Bed, socket = rootSocket, pause?: number): Operator => {
  // root on the host of a server names no socket
  const way = socket === rootSocket ? [] : ['--socket', socket]
  const tryJoinery = (...words: string[]) => bed.exec([...joineryProgram, ...words, ...way])
  // looks are many, and a program to start for each would take the time of the machines
  const looked = async <T>(look: (operator: SocketClient) => Promise<T>): Promise<T> => {
    const operator = connect(bed.hostPath(socket))
    return look(operator).finally(() => operator.close())
  }
  const operator: Operator = {
    tryJoinery,
    joinery: async (...words) => {
      const { code, stdout, stderr } = await tryJoinery(...words)
      if (code !== 0) throw new Error(`joinery ${words.join(' ')}: exit status ${code}\n${stderr}`)
      return stdout
    },
    code: async (name) => JSON.parse(await operator.joinery('code', 'create', '--name', name, '-o', 'json')),
    list: async () => (await looked((operator) => operator.list())).items,
    show: (reference) => looked((operator) => operator.show(reference)),
    reaches: (reference, state, timeout) =>
      waitFor(
        `${reference} to be ${state}`,
        () => operator.show(reference),
        (seen) => seen.state === state,
        timeout,
        pause
      ),
    surveyed: (reference) =>
      waitFor(
        `${reference} to say what the server reaches of it`,
        () => operator.show(reference),
        ({ preflight }) => preflight.some(({ name, verdict }) => name === 'reachability' && verdict !== 'skipped'),
        // all checks again, on an emulated processor that may have others beside it
        15 * minutes,
        pause
      )
  }
  return operator
}

/** Adds a line to its configuration, and has it set up and started anew; gives what its set-up prints. */
export const reconfigure = async ({ bed, kill, setup, start }: Product, line: string): Promise<string> => {
  await kill()
  await appendFile(bed.hostPath('/etc/joinery/server.yaml'), `${line}\n`)
  const printed = await setup()
  await start()
  return printed
}

/** `init`, `setup`, `run`: as an operator does it, with the package that `pnpm package` made. */
export const installProduct = async (bed: Bed): Promise<Product> => {
  const inside = async (argv: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await bed.exec(argv)
    if (code !== 0) throw new Error(`${argv.slice(1).join(' ')}: exit status ${code}\n${stderr}`)
    return stdout
  }
  const printed = await inside([...serverProgram, 'init', '--address', '172.30.0.1'])
  const pin = /^pin: (\S+)$/m.exec(printed)?.[1]
  if (pin === undefined) throw new Error(`init printed no pin:\n${printed}`)
  await appendFile(bed.hostPath('/etc/joinery/server.yaml'), `agentPackage: ${agentPackage}\n`)
  const setup = (...words: string[]) =>
    inside([...serverProgram, 'setup', '--kubeconfig', '/etc/kubernetes/admin.conf', ...words])
  await setup()

  let server: Process | undefined
  const operator = operatorAt(bed)
  const product: Product = {
    ...operator,
    bed,
    pin,
    setup,
    start: async () => {
      server = await bed.spawn('joinery-server', [...serverProgram, 'run'])
      await waitFor(
        'the pairing server to serve',
        () => operator.tryJoinery('list'),
        ({ code }) => code === 0,
        minutes
      )
    },
    processId: () => {
      if (server === undefined) throw new Error('the pairing server was not started')
      return server.pid
    },
    kill: async () => {
      server?.kill('SIGKILL')
      // its own promise does not keep this process awake
      let ended = false
      void server?.exited.then(() => (ended = true))
      await waitFor('the pairing server to end', async () => ended, Boolean, minutes)
    }
  }
  await product.start()
  return product
}
