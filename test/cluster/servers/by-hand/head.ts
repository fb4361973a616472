import { takeAway } from '@joinery/kube/log'
import type { Test } from 'tap'
import type { Hands } from '../hands.ts'
import type { OneServer } from '../three-servers.ts'
import { type Around, bothWays, head, pasted } from './around.ts'

const otherHash = { op: 'replace', path: '/spec/hash', value: 'f'.repeat(64) } as const

/** The head edited by hand: refused while there are policies, and without them the end of the active server at its next commit. */
export const headByHand = async (t: Test, { servers, desk, hands }: Around): Promise<void> => {
  const active = await desk.allUp()
  t.match(await hands.edit(head, otherHash), /pairing server alone writes its log/)
  await desk.newCode(active, 'guarded')
  const before = await desk.names(active)
  const machines = await desk.enrolments(active)
  await desk.written(active)

  await hands.takeAway('joinery-log', head)
  t.equal(await hands.edit(head, otherHash), '')
  const asked = await active.joinery('code', 'create', '--name', 'never')
  t.not(asked.code, 0, 'what comes next is not acknowledged')
  t.notMatch(asked.stdout, /jny_/)
  await active.ended()
  t.match(await desk.logOf(active), /it ends: another server moved the head of the log, or etcd was restored/)
  for (const server of servers.all) {
    await server.ended()
    const refused = server === active ? (await active.program('run')).stderr : await desk.logOf(server)
    t.match(refused, /the head of the log in the cluster was not written by a server with the master key/, server.name)
    t.match(refused, bothWays, server.name)
  }

  await lastNumber(t, active, hands)
  await desk.adopt(t, active, '--local')
  const { code, stderr } = await active.program('setup')
  t.equal(code, 0, stderr)
  for (const server of servers.all) if (server !== active) await desk.adopt(t, server, '--cluster')
  for (const server of servers.all) await server.start()
  const next = await servers.untilActive()
  t.same(await desk.names(next), before, 'nothing that was acknowledged is lost')
  const shown = (all: typeof machines) => all.map(({ id, state }) => `${id} ${state}`).sort()
  t.same(shown(await desk.enrolments(next)), shown(machines))
  await hands.untilGuarded(head)
}

/** The last number that there is, written by hand: nobody counts on from it, and the command says how the head is made anew. */
const lastNumber = async (t: Test, server: OneServer, hands: Hands): Promise<void> => {
  const last = { op: 'replace', path: '/spec/number', value: Number.MAX_SAFE_INTEGER } as const
  t.equal(await hands.edit(head, last), '')
  const refused = await server.program('store', 'adopt', '--local')
  t.not(refused.code, 0)
  t.match(refused.stderr, takeAway('loghead', 'joinery'))
  await pasted(hands, takeAway('loghead', 'joinery'))
}
