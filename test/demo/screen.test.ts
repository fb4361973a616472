import t from 'tap'
import { plainScreen, redrawnScreen } from '../../demo/screen.ts'
import { enrolmentOf } from './enrolments.ts'

const output = (columns = 80) => {
  const written: string[] = []
  return { columns, written, write: (text: string) => written.push(text) }
}
const [one, two] = [enrolmentOf('edge-1'), enrolmentOf('edge-2')]
const joining = { ...one, state: 'joining', message: 'joining: credential claimed' } as const

t.test('a terminal shows one table, which is drawn again in its place if it changed', async (t) => {
  const terminal = output(40)
  const show = redrawnScreen(terminal, false)
  show([one], [['waits:', `  ${'x'.repeat(40)}`]])
  t.equal(
    terminal.written.join(''),
    `\x1b[JNAME     STATE     NODE     MESSAGE\nedge-1   pending   <none>   waiting f...\n\nwaits:\n  ${'x'.repeat(40)}\n`
  )
  show([one], [['waits:', `  ${'x'.repeat(40)}`]])
  t.equal(terminal.written.length, 1, 'nothing has changed')
  show([joining], [])
  // the last line took two rows
  t.ok(terminal.written[1]?.startsWith('\x1b[6A\x1b[JNAME '))
})

t.test('colours take no room on a terminal', async (t) => {
  const terminal = output(40)
  const show = redrawnScreen(terminal, true)
  show([one], [])
  t.ok(terminal.written[0]?.endsWith('\x1b[33mpending\x1b[39m   <none>   waiting f...\n'))
  show([joining], [])
  t.ok(terminal.written[1]?.startsWith('\x1b[2A'))
})

t.test('without a terminal each change and each note is a whole line, once', async (t) => {
  const pipe = output()
  const show = plainScreen(pipe, false)
  show([], [['edge-1 boots.']])
  show([one, two], [['edge-1 waits:', '  approve']])
  show([one, two], [['edge-1 waits:', '  approve']])
  show([joining, two], [['edge-2 waits:', '  approve']])
  t.same(pipe.written.join('').split('\n'), [
    'edge-1 boots.',
    'NAME     STATE     NODE     MESSAGE',
    'edge-1   pending   <none>   waiting for approval',
    'edge-2   pending   <none>   waiting for approval',
    'edge-1 waits:',
    '  approve',
    'edge-1   joining   <none>   joining: credential claimed',
    'edge-2 waits:',
    '  approve',
    ''
  ])
})
