import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '@joinery/cli/testing/session'
import t from 'tap'
import { initialized, started } from '../../support/server-process.ts'

/** Run with TMPDIR on a file system of a few megabytes. */
t.test('a server that is killed on a full disk starts again, answers, and is the only one', async (t) => {
  const host = await initialized(t)
  const first = await started(t, host)
  first.kill('SIGKILL')
  await first.ended
  // a page that a journal of the lock has left is room
  await rm(join(host.state, 'joinery.lock-journal'), { force: true })
  const ballast = join(tmpdir(), 'ballast')
  await writeFile(ballast, Buffer.alloc(16 * 1024 * 1024)).catch(() => {})

  await started(t, host)
  const operator = connect(host.socket)
  t.teardown(() => operator.close())
  t.match(await operator.status(), { store: { trouble: 'the disk is full' } })
  t.match(await host.run(), { exitCode: 2, err: `error: another joinery-server has ${host.state}\n` })
  await rm(ballast)
  t.notHas((await operator.status()).store, { trouble: 'the disk is full' })
})
