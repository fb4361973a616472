import t from 'tap'
import { decidePager, isLong, type PagerEnvironment } from '../../src/terminal/pager.ts'

const programOf = (environment: PagerEnvironment): unknown => {
  const pager = decidePager(environment)
  return pager !== undefined && 'argv' in pager ? pager.argv : pager
}

t.test('JOINERY_PAGER wins over PAGER, and that over less; empty or cat is none', async (t) => {
  const rows: [PagerEnvironment, unknown][] = [
    [{}, ['less']],
    [{ PAGER: 'most' }, ['most']],
    [{ PAGER: '/usr/bin/less -S  +F' }, ['/usr/bin/less', '-S', '+F']],
    [{ PAGER: 'most', JOINERY_PAGER: 'bat --style=plain' }, ['bat', '--style=plain']],
    [{ PAGER: 'most', JOINERY_PAGER: '' }, undefined],
    [{ PAGER: ' ' }, undefined],
    [{ PAGER: 'cat' }, undefined],
    [{ PAGER: 'cat -v' }, ['cat', '-v']],
    [{ PAGER: 'most', TERM: 'dumb' }, undefined]
  ]
  for (const [environment, program] of rows) t.same(programOf(environment), program, JSON.stringify(environment))
})

t.test('a value that only a shell understands is not run', async (t) => {
  for (const value of [
    'less; reboot',
    'less | sh',
    'less $(reboot)',
    'less `reboot`',
    'less &',
    "sh -c 'reboot'",
    'less "-R"',
    'less > /etc/passwd',
    '$PAGER',
    '~/bin/pager',
    'less \\-R',
    'less\u0000-R'
  ]) {
    t.match(decidePager({ PAGER: value }), { refused: /^PAGER is not run by a shell/ }, value)
    t.match(decidePager({ JOINERY_PAGER: value }), { refused: /^JOINERY_PAGER is not run by a shell/ }, value)
  }
})

t.test(
  'less and lv get the options that git gives them, unless they have some, and less starts no program',
  async (t) => {
    t.match(decidePager({}), { env: { LESS: 'FRX', LV: '-c', LESSSECURE: '1' }, isUsual: true })
    const own = decidePager({ PAGER: 'less', LESS: '-S', LV: '' })
    t.same(own, { argv: ['less'], isUsual: false, env: { LESSSECURE: '1' } })
  }
)

t.test('a text is long if the screen has no row left for the prompt', async (t) => {
  const rows: [text: string, rows: number, columns: number, long: boolean][] = [
    ['', 3, 10, false],
    ['a\nb\n', 3, 10, false],
    ['a\nb\nc\n', 3, 10, true],
    ['a\n\n\n', 3, 10, true],
    [`${'x'.repeat(20)}\n`, 3, 10, false],
    [`${'x'.repeat(21)}\n`, 3, 10, true],
    [`\u001b[33m${'x'.repeat(20)}\u001b[39m\n`, 3, 10, false]
  ]
  for (const [text, height, width, long] of rows) {
    t.equal(isLong(text, { rows: height, columns: width }), long, JSON.stringify([text, height, width]))
  }
})
