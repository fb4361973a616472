import t from 'tap'
import { makeLog } from '../../src/base/log.ts'

t.test('a line of the log is ASCII without control characters, and keeps its data', async (t) => {
  const lines: string[] = []
  const log = makeLog({ write: (line) => void lines.push(line) })
  const hostile = 'a\u009b2J\u202ec\u001b[2J\u007f\u2028\ud83d\ude00\ud800\u00e4'
  log.info({ name: hostile, [hostile]: 1, err: new Error(hostile) }, hostile)
  for (const line of lines) t.match(line, /^[\x20-\x7e]+\n$/, JSON.stringify(line))
  const said = JSON.parse(lines.join(''))
  t.match(said, { name: hostile, [hostile]: 1, err: { message: hostile }, msg: hostile })
})
