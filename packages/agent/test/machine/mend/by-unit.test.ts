import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { filesUnder } from '@joinery/host/files'
import type { Check } from '@joinery/protocol'
import t from 'tap'
import { mendAsAsked, mendingByUnit } from '../../../src/machine/mend/by-unit.ts'
import type { Mended, Mending } from '../../../src/machine/port/mending.ts'
import { recorder } from '../../support/recorder.ts'

const runDirectory = '/run/joinery-agent'
const checks: Check[] = [{ name: 'sysctls', verdict: 'fail', finding: 'net.ipv4.ip_forward is 0', mends: 'safe' }]
const set: Mended = { changes: [{ check: 'sysctls', what: 'set net.ipv4.ip_forward', before: '0', after: '1' }] }

/** What the unit mends, with what it was asked. */
const outside = (answer: () => Promise<Mended> = async () => set) => {
  const asked: unknown[] = []
  const mending: Mending = {
    mend: async (...given) => {
      asked.push(given)
      return answer()
    }
  }
  return { asked, mending }
}

t.test('the machine is mended by the unit, and the agent hears what it changed', async (t) => {
  const root = t.testdir({})
  const files = filesUnder(root)
  const { asked, mending } = outside()
  const { commands, exec } = recorder(async () => {
    t.equal((await stat(join(root, runDirectory, 'mend.json'))).mode & 0o777, 0o600)
    await mendAsAsked(mending, files, runDirectory)
    return ''
  })
  t.same(await mendingByUnit(files, exec, runDirectory).mend(checks, 'safe'), set)
  t.same(asked, [[checks, 'safe']])
  t.same(commands, ['systemctl start joinery-mend.service'])
  t.notOk(await files.exists(`${runDirectory}/mend.json`), 'the unit was asked once')
})

t.test('a unit that fails is an error, and the answer of an earlier one does not count', async (t) => {
  const files = filesUnder(t.testdir({}))
  await files.write(`${runDirectory}/mended.json`, '["of before"]', 0o600)
  const failing = recorder(() => Promise.reject(new Error('exit status 1'))).exec
  await t.rejects(mendingByUnit(files, failing, runDirectory).mend(checks, 'safe'), {
    message: 'exit status 1'
  })
  const { exec } = recorder()
  await t.rejects(mendingByUnit(files, exec, runDirectory).mend(checks, 'safe'), {
    message: /^joinery-mend\.service gave no answer: journalctl /
  })
})

t.test('a power cut during a mend leaves no answer, and a second request gives one', async (t) => {
  const files = filesUnder(t.testdir({}))
  await files.write(`${runDirectory}/mend.json`, JSON.stringify([checks, 'safe']), 0o600)
  const { mending: cut } = outside(() => Promise.reject(new Error('power cut')))
  await t.rejects(mendAsAsked(cut, files, runDirectory), { message: 'power cut' })
  t.notOk(await files.exists(`${runDirectory}/mended.json`))
  const { mending, asked } = outside()
  await mendAsAsked(mending, files, runDirectory)
  t.equal(asked.length, 1)
})

t.test('the unit does nothing if nobody asked for a mend', async (t) => {
  const files = filesUnder(t.testdir({}))
  const { mending, asked } = outside()
  await mendAsAsked(mending, files, runDirectory)
  t.same(asked, [])
  t.notOk(await files.exists(`${runDirectory}/mended.json`))
})

t.test('the unit does not start if nothing is due or if somebody is at work', async (t) => {
  const root = t.testdir({})
  const files = filesUnder(root)
  const { commands, exec } = recorder()
  const mending = mendingByUnit(files, exec, runDirectory)
  t.same(await mending.mend(checks, 'off'), { changes: [] })
  await files.write('/var/lib/dpkg/lock-frontend', '', 0o640)
  const { ino } = await stat(join(root, '/var/lib/dpkg/lock-frontend'))
  await files.write('/proc/locks', `1: POSIX  ADVISORY  WRITE 7 fd:00:${ino} 0 EOF\n`, 0o444)
  t.match(await mending.mend(checks, 'safe'), { changes: { length: 0 }, waits: /./ })
  t.same(commands, [])
})
