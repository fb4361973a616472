import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect } from '@joinery/cli/testing/session'
import { eventually, otherProcess } from '@joinery/testing/clocks/eventually'
import { initServer } from '@joinery/testing/pairing/init-server'
import { program } from '@joinery/testing/processes/program'
import type { Test } from 'tap'

export const main = program('packages/server/src/main.ts')

/** One run of the program, to its end. */
export const joineryServer = async (...words: string[]) => {
  const child = spawn(process.execPath, [main, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, err, [exitCode]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { out, err, exitCode }
}

/** A host on which `joinery-server init` has run, with a listener of any port and a socket of its own. */
export const initialized = async (t: Test) => {
  // a socket's path is short
  const folder = await mkdtemp(join(tmpdir(), 'joinery-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const [state, configFile, socket] = [join(folder, 'state'), join(folder, 'server.yaml'), join(folder, 'op.sock')]
  await initServer({
    stateDirectory: state,
    configFile,
    print: () => {}
  })
  const made = await readFile(configFile, 'utf8')
  await writeFile(
    configFile,
    `${made.replace('agents:\n', 'agents:\n  listen: 127.0.0.1:0\n')}\noperators: {socket: ${socket}}\n`
  )
  return { folder, state, configFile, socket, run: () => joineryServer('run', '--config', configFile) }
}
export type Initialized = Awaited<ReturnType<typeof initialized>>

/** The server in a process of its own, once operators are answered; `command`: what it is run under. */
export const started = async (
  t: Test,
  { configFile, socket }: Initialized,
  command: readonly string[] = []
): Promise<ChildProcess & { ended: Promise<unknown[]>; said(): string }> => {
  const [program = process.execPath, ...words] = [...command, process.execPath, main, 'run', '--config', configFile]
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk))
  const ended = once(child, 'exit')
  t.teardown(() => child.kill('SIGKILL'))
  const operator = connect(socket)
  await eventually(
    'the server answers',
    async () => {
      const answers = await operator.list().then(
        () => true,
        () => false
      )
      if (child.exitCode !== null) throw new Error(said)
      return answers
    },
    otherProcess
  )
  await operator.close()
  return Object.assign(child, { ended, said: () => said })
}
