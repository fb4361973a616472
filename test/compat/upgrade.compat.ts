import { type AgentProgram, presentAgent } from '@joinery/testing/agents/agent-program'
import { openMachine } from '@joinery/testing/agents/agents'
import { approvePending, assertJoined } from '@joinery/testing/agents/outcomes'
import type { runWith } from '@joinery/testing/command/operators'
import { runWith as presentCommand } from '@joinery/testing/command/operators'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { presentServer, type ServerProgram } from '@joinery/testing/processes/server-program'
import t, { type Test } from 'tap'
import { checkOut, beforeReleases as commit, isHere } from './earlier.ts'

// the commit is checked out, and its dependencies are linked
t.setTimeout(600_000)

const skip = (await isHere(commit)) ? false : `this clone does not have ${commit}: git fetch --unshallow`

t.test(
  `an upgrade from ${commit}: server, then laptop, then an agent in the middle of its join`,
  { skip },
  async (t) => {
    const earlier = await checkOut(t, commit)
    const faces = async (part: string, names: readonly string[]) =>
      Object.assign({}, ...(await Promise.all(names.map((name) => earlier(`packages/${part}/src/testing/${name}.ts`)))))
    const servers = ['base', 'dial-back', 'metrics', 'program', 'reconcile']
    const earlierServer: ServerProgram = await faces('server', servers)
    const agents = ['commands', 'loop', 'machine', 'pairing', 'program', 'status']
    const earlierAgent: AgentProgram = await faces('agent', agents)
    const { runWith: earlierCommand } = (await earlier('packages/testing/src/command/operators.ts')) as {
      runWith: typeof runWith
    }

    t.test('an agent that is replaced between claim and join goes on with its attempt', async (t) => {
      const pairing = await openPairing(t, {}, undefined, undefined, earlierServer)
      const open = await openMachine(t, pairing)
      open.program = earlierAgent
      await open.putCode()
      const agents: Promise<unknown>[] = []
      open.watch = async (moment, agent) => {
        if (open.program === presentAgent || !moment.endsWith('after server.claim')) return
        open.program = presentAgent
        // the order that the how-to has
        await pairing.restart({ program: presentServer })
        agent.kill()
        agents.push(open.start().ended)
      }
      open.start()
      await approvePending(pairing, open)
      await assertJoined(t, pairing, open)
      t.same(await Promise.all(agents), ['done'])
      await pairing.reconcile()
      t.match((await pairing.operator.listNodes()).items, [{ name: 'worker-1', agent: { version: 'dev' } }])
    })

    for (const [what, command, program] of [
      ['a command of before with the present server', earlierCommand, presentServer],
      ['the present command with a server of before', presentCommand, earlierServer]
    ] as const) {
      t.test(`${what} invites, shows, approves and lists`, async (t) => {
        const pairing = await openPairing(t, {}, undefined, undefined, program)
        await goThrough(t, pairing, command)
      })
    }
  }
)

/** The day of an operator, by one command. */
const goThrough = async (t: Test, pairing: Pairing, command: typeof runWith): Promise<void> => {
  const joinery = async (...words: string[]): Promise<string> => {
    const { out, err, exitCode } = await command(['--socket', pairing.config.operators.socket, ...words])
    t.equal(exitCode, 0, `${words.join(' ')}\n${err}`)
    return out
  }
  const { code } = JSON.parse(await joinery('code', 'create', '--name', 'worker-1', '-o', 'json'))
  const open = await openMachine(t, pairing)
  await open.putCode(code)
  const agent = open.start()
  await joinery('wait', 'worker-1', '--for', 'pending')
  const { revision, key } = JSON.parse(await joinery('show', 'worker-1', '-o', 'json'))
  await joinery('approve', 'worker-1', '--revision', String(revision), '--key', key)
  await assertJoined(t, pairing, open)
  t.equal(await agent.ended, 'done')
  t.match(await joinery('list'), /^worker-1 +(joined|ready) /m)
  t.match(await joinery('nodes', '-o', 'wide'), /^worker-1 /m)
}
