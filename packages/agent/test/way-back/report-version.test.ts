import t from 'tap'
import { Unreachable } from '../../src/pairing/pairing-server.ts'
import { reportVersion } from '../../src/way-back/report-version.ts'

const machine = () => {
  const kept = new Map<string, string>()
  const [calls, lines]: [string[], string[]] = [[], []]
  const files = {
    read: async (path: string) => kept.get(path),
    write: async (path: string, text: string) => void kept.set(path, text)
  }
  const report = (version: string, fails?: Error) =>
    reportVersion({
      files,
      stateDirectory: '/var/lib/joinery-agent',
      version,
      servers: async () => ({
        wait: async () => {
          calls.push(version)
          if (fails !== undefined) throw fails
          return undefined
        }
      }),
      tell: (line) => void lines.push(line)
    })
  return { calls, lines, report }
}

t.test('an agent tells its version once after each upgrade, and after a downgrade', async (t) => {
  const { calls, report } = machine()
  for (const version of ['0.1.0', '0.1.0', '0.2.0', '0.2.0', '0.1.0']) await report(version)
  t.same(calls, ['0.1.0', '0.2.0', '0.1.0'])
})

t.test('what a server says cannot act on the terminal', async (t) => {
  const { lines, report } = machine()
  await report('0.1.0', new Unreachable('\u001b[2J'))
  t.same(
    lines.map((line) => line.includes('\u001b')),
    [false]
  )
})
