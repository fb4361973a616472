import t from 'tap'
import { type Logger, type LogOptions, logFormats, makeLog } from '../../../src/core/base/log.ts'

t.test('a line of the log is ASCII without control characters, and keeps its data', async (t) => {
  const lines: string[] = []
  const log = makeLog({ write: (line) => void lines.push(line) })
  const hostile = 'a\u009b2J\u202ec\u001b[2J\u007f\u2028\ud83d\ude00\ud800\u00e4'
  log.info({ name: hostile, [hostile]: 1, err: new Error(hostile) }, hostile)
  for (const line of lines) t.match(line, /^[\x20-\x7e]+\n$/, JSON.stringify(line))
  const said = JSON.parse(lines.join(''))
  t.match(said, { name: hostile, [hostile]: 1, err: { message: hostile }, msg: hostile })
})

const hostile =
  'a\u009b2J\u202ec\u001b[2J\u007f\u2028\n<3>2026-01-01T00:00:00.000Z ERROR "forged"\r" name="x" \ud83d\ude00\ud800\u00e4'

/** Lines of a log in this format, as they come out. */
const linesOf = (options: LogOptions, write: (log: Logger) => void): string[] => {
  const lines: string[] = []
  write(makeLog({ write: (line) => void lines.push(line) }, options))
  return lines
}

t.test('a line for people is one line in ASCII, and hostile text forges neither a field nor a line', async (t) => {
  const [line = '', ...others] = linesOf({ format: 'text' }, (log) =>
    log.warn({ name: hostile, [hostile]: 1, enrolment: 'e', err: new Error(hostile) }, hostile)
  )
  t.same(others, [])
  t.match(line, /^[\x20-\x7e]+\n$/)
  t.match(line, /^\d{4}-\d\d-\d\dT[\d:.]+Z WARN {2}"/)
  const [, message = '', name = ''] = /^\S+ WARN {2}("(?:[^"\\]|\\.)*") name=("(?:[^"\\]|\\.)*") /.exec(line) ?? []
  t.same([JSON.parse(message), JSON.parse(name)], [hostile, hostile], 'and nothing of it is lost')
  t.match(line, / enrolment="e"/)
  const outside = line.replace(/"(?:[^"\\]|\\.)*"/g, '""')
  t.match(outside, /^\S+Z WARN {2}"" name="" [\w.-]+=1 enrolment="" err=\{[":,]+\}\n$/, 'every other field is our own')
})

t.test('each level has its word, and its priority in the journal, in either format', async (t) => {
  const rows = [
    ['fatal', 'FATAL', 2],
    ['error', 'ERROR', 3],
    ['warn', 'WARN ', 4],
    ['info', 'INFO ', 6]
  ] as const
  for (const [level, word, priority] of rows) {
    const at = (options: LogOptions) => linesOf(options, (log) => log[level]({ one: 1 }, 'said')).join('')
    t.match(at({ format: 'text' }), new RegExp(`^\\S+Z ${word} "said" one=1\n$`))
    t.match(at({ format: 'text', forJournal: true }), new RegExp(`^<${priority}>\\S+Z ${word} "said" one=1\n$`))
    t.match(at({ forJournal: true }), new RegExp(`^<${priority}>\\{"level":`))
    t.match(at({}), /^\{"level":/)
  }
})

t.test('a secret that came into the log by mistake is in neither format', async (t) => {
  for (const format of logFormats) {
    const [line = ''] = linesOf({ format }, (log) =>
      log.info(
        { asked: { code: 'jny_x', token: 'jny_x', secret: 'jny_x', authorization: 'jny_x', headers: 'jny_x' } },
        'x'
      )
    )
    t.match(line, 'Redacted', format)
    t.notMatch(line, 'jny_x', format)
  }
})
