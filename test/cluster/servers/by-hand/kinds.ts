import type { Test } from 'tap'
import { waitFor } from '../../bed/wait-for.ts'
import { minutes } from '../../product.ts'
import { type Around, bothWays } from './around.ts'

const kinds = ['logheads.log.joinery.dev', 'logdocuments.log.joinery.dev']

/** The kinds of the log deleted while the servers run, as an administrator can who says that it is meant. */
export const kindsDeleted = async (t: Test, { servers, desk, hands }: Around): Promise<void> => {
  const active = await desk.allUp()
  await desk.newCode(active, 'before-kinds')
  await desk.written(active)
  const [codes, machines] = [await desk.names(active), await desk.enrolments(active)]
  t.match(await hands.refusal(['delete', 'crd', ...kinds]), /its objects would go with it/)
  await hands.must(['annotate', 'crd', ...kinds, 'joinery.dev/allow-deletion=true'])
  await hands.must(['delete', 'crd', ...kinds])

  const asked = await active.joinery('code', 'create', '--name', 'never')
  t.not(asked.code, 0, 'nothing is acknowledged')
  t.match(asked.stderr, /does not serve the kinds of log\.joinery\.dev \(404\): run joinery-server setup/)
  const ready = () => desk.ready(active)
  const red = await waitFor('readyz to be red', ready, ({ status }) => status === 503, minutes)
  t.match(red.body, /joinery-server setup/)
  t.match(await desk.shown(active), /run joinery-server setup with store: cluster/)

  const { code, stderr } = await active.program('setup')
  t.equal(code, 0, stderr)
  // the kinds are there, and the head is not
  await active.ended()
  t.match(await desk.logOf(active), /it ends: (the head of the log is gone|another server moved the head)/)
  await desk.stopAll()
  const refused = await active.program('run')
  t.not(refused.code, 0)
  t.match(refused.stderr, /the local file belongs to log \S+, and the cluster has (no log|log)/)
  t.match(refused.stderr, bothWays)
  await desk.adopt(t, active, '--local')
  for (const server of servers.all) if (server !== active) await desk.adopt(t, server, '--cluster')
  for (const server of servers.all) await server.start()
  const next = await servers.untilActive()
  t.same(await desk.names(next), codes, 'all codes are back')
  const known = (all: typeof machines) => all.map(({ id, state }) => `${id} ${state}`).sort()
  t.same(known(await desk.enrolments(next)), known(machines), 'and all machines')
}
