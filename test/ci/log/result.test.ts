import t from 'tap'
import { countOf, failuresIn, resultOf } from './result.ts'

const totals = '# { total: 3, pass: 2, fail: 1 }\n# { total: 2, pass: 2 }\n'

t.test('a step counts its assertions, or as one', async (t) => {
  const rows: [string, stdout: string, isGreen: boolean, passed: number, failed: number][] = [
    ['a step without tests', 'done\n', true, 1, 0],
    ['a step without tests that failed', 'error\n', false, 0, 1],
    ['two runs of tap', totals, false, 4, 1],
    ['tap says nothing of what failed', '# { total: 2, pass: 2 }\n', false, 2, 1],
    ['a failure of no file', 'not ok - something else\n# { total: 2, pass: 2 }\n', true, 2, 1]
  ]
  for (const [row, stdout, isGreen, passed, failed] of rows) {
    const result = resultOf(import.meta.dirname, { script: 'test' }, { isGreen, stdout, output: stdout })
    t.same(countOf(result), { passed, failed }, row)
  }
})

t.test('a step whose file was not seen to pass has failed, whatever its status is', async (t) => {
  const step = { script: 'test', files: ['result.test.ts'] }
  t.notOk(resultOf(import.meta.dirname, step, { isGreen: true, stdout: '', output: '' }).isGreen)
  const stdout = '# Subtest: result.test.ts\nok 1 - result.test.ts\n'
  t.ok(resultOf(import.meta.dirname, step, { isGreen: true, stdout, output: '' }).isGreen)
})

t.test('what failed is shown with its diagnostics, or else the end', async (t) => {
  const failure = ['    not ok 2 - one is two', '      ---', '      lineNumber: 3', '      ...']
  const shown = (lines: string[]): string[] => failuresIn(lines.join('\n')).split('\n')
  t.same(shown(['ok 1 - fine', ...failure, '    ', '    ok 3 - fine', '']), failure)
  const comment = ['# not ok 1 - in a comment', '#   ---', '#   ...']
  t.same(shown([...comment, '# ok 2']), comment)
  const log = Array.from({ length: 50 }, (_, at) => `line ${at}`)
  t.same(shown(log), log.slice(-30))
  t.equal(shown(Array.from({ length: 500 }, (_, at) => `not ok ${at}`)).length, 200)
})
