import { connect } from '@joinery/cli/testing/session'
import { skipUntraced, traced } from '@joinery/testing/processes/tracer'
import t, { type Test } from 'tap'
import { initialized, started } from '../../support/server-process.ts'

// each start loads the whole server, on a machine that has more to do
t.setTimeout(120_000)

/** From now on the disk takes nothing of this process for good. */
const failSyncs = (t: Test, pid: number) =>
  traced(t, pid, '-f', '-e', 'trace=fsync,fdatasync', '-e', 'inject=fsync,fdatasync:error=EIO')

t.test(
  'a server whose disk did not sync acknowledges nothing and ends; the next one goes on',
  { skip: skipUntraced },
  async (t) => {
    const host = await initialized(t)
    const server = await started(t, host)
    await failSyncs(t, Number(server.pid))
    const operator = connect(host.socket)
    t.teardown(() => operator.close())
    await t.rejects(operator.status(), /^the connection broke/, 'not answered')
    t.same(await server.ended, [1, null], 'systemd starts it again: Restart=on-failure')
    t.match(server.said(), /^the store could not be synced to the disk, this server ends: disk I\/O error$/m)
    const next = await started(t, host)
    next.kill('SIGTERM')
    t.same(await next.ended, [0, null])
  }
)
