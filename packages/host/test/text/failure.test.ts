import { mkdirSync, readFileSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { failureText, systemFailure } from '../../src/text/failure.ts'

t.test('each cause and each remedy has its word before it, and no text steers the terminal', async (t) => {
  t.equal(failureText({ cause: 'no' }), 'error: no\n')
  t.equal(failureText({ cause: ['a', 'b'], remedy: 'c' }), 'error: a\nerror: b\nremedy: c\n')
  t.equal(failureText({ cause: 'a\nremedy: rm' }), 'error: a\\u{a}remedy: rm\n', 'no line is forged')
  t.equal(failureText({ cause: 'red \x1b[31m', remedy: '\x07' }), 'error: red \\u{1b}[31m\nremedy: \\u{7}\n')
})

const thrownBy = (act: () => unknown): unknown => {
  try {
    return act()
  } catch (error) {
    return error
  }
}

t.test('a refusal by the system is in words, with the file', async (t) => {
  const folder = t.testdir({ full: { a: '' } })
  const missing = join(folder, 'missing')
  t.same(systemFailure(thrownBy(() => readFileSync(missing))), { cause: `${missing} is not there` })
  t.same(systemFailure(thrownBy(() => mkdirSync(folder))), { cause: `${folder} is there already` })
  t.equal(systemFailure(thrownBy(() => rmdirSync(join(folder, 'full')))), undefined, 'as it is')
  const refused = (code: string, syscall: string, path?: string) =>
    systemFailure(Object.assign(new Error(`${code}: raw, ${syscall}`), { code, syscall, ...(path && { path }) }))
  t.same(refused('EACCES', 'mkdir', '/var/lib/x'), {
    cause: 'not allowed to make the folder /var/lib/x',
    remedy: 'run it as root (sudo)'
  })
  t.same(refused('ENOSPC', 'write'), { cause: 'the disk is full', remedy: 'make room: df -h' })
})

t.test('an error that is not of the system is left as it is', async (t) => {
  t.equal(systemFailure(new Error('a bug')), undefined)
  t.equal(systemFailure('text'), undefined)
})
