import t from 'tap'
import { Refused, Unreachable } from '../../src/pairing/pairing-server.ts'
import { reportVersion } from '../../src/way-back/report-version.ts'

const machine = () => {
  const kept = new Map<string, string>()
  const calls: string[] = []
  const files = {
    read: async (path: string) => kept.get(path),
    write: async (path: string, text: string) => void kept.set(path, text)
  }
  const report = (version: string, fails?: Error) =>
    reportVersion({
      files,
      stateDirectory: '/var/lib/joinery-agent',
      version,
      call: async () => {
        calls.push(version)
        if (fails !== undefined) throw fails
      }
    })
  return { calls, report }
}

t.test('an agent tells its version once after each upgrade, and after a downgrade', async (t) => {
  const { calls, report } = machine()
  for (const version of ['0.1.0', '0.1.0', '0.2.0', '0.2.0', '0.1.0']) await report(version)
  t.same(calls, ['0.1.0', '0.2.0', '0.1.0'])
})

t.test('an agent whose server does not answer tells it at its next look', async (t) => {
  const { calls, report } = machine()
  await t.rejects(report('0.1.0', new Unreachable('nobody is there')), { message: 'nobody is there' })
  await report('0.1.0')
  await report('0.1.0')
  t.same(calls, ['0.1.0', '0.1.0'])
})

t.test('an agent does not come back each hour to a server that refuses it', async (t) => {
  const { calls, report } = machine()
  await report('0.1.0', new Refused('not-found', 'no such machine'))
  await report('0.1.0')
  t.same(calls, ['0.1.0'])
})
