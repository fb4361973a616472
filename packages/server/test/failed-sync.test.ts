import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { connect } from '@joinery/cli/client.ts'
import t, { type Test } from 'tap'
import { initialized, started } from './support/server-process.ts'

// each start loads the whole server, on a machine that has more to do
t.setTimeout(120_000)

const strace = (pid: number, ...words: string[]) =>
  spawn('strace', ['-f', '-p', String(pid), ...words], { stdio: ['ignore', 'ignore', 'pipe'] })

// somebody's machine may have no strace, or let nobody trace; where CI has, the test fails, or nobody would see that it never runs
const traces = () => {
  const child = spawn('sleep', ['10'])
  const { stderr } = spawnSync('timeout', ['2', 'strace', '-p', String(child.pid)], { encoding: 'utf8' })
  child.kill()
  return /attached/.test(stderr)
}
const skip = process.env.CI === 'true' || traces() ? false : 'nobody may trace a process here'

/** From now on the disk takes nothing of this process for good. */
const failSyncs = async (t: Test, pid: number): Promise<void> => {
  const tracer = strace(pid, '-e', 'trace=fsync,fdatasync', '-e', 'inject=fsync,fdatasync:error=EIO')
  t.teardown(() => tracer.kill())
  let said = ''
  while (!said.includes('attached')) said += String((await once(tracer.stderr, 'data'))[0])
}

t.test('a server whose disk did not sync acknowledges nothing and ends; the next one goes on', { skip }, async (t) => {
  const host = await initialized(t)
  const server = await started(t, host)
  await failSyncs(t, Number(server.pid))
  const operator = connect(host.socket)
  t.teardown(() => operator.close())
  await t.rejects(operator.status(), 'not answered')
  t.same(await server.ended, [1, null], 'systemd starts it again: Restart=on-failure')
  t.match(server.said(), /^the store could not be synced to the disk, this server ends: disk I\/O error$/m)
  const next = await started(t, host)
  next.kill('SIGTERM')
  t.same(await next.ended, [0, null])
})
