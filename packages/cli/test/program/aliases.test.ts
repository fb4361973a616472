import { code, detail, enrolment } from '@joinery/testing/command/fixtures'
import { joinery, runWith } from '@joinery/testing/command/operators'
import t from 'tap'
import { aliasRows, spelledOut } from '../../src/program/aliases.ts'

t.test('an alias is spelled out by the kind that follows it', async (t) => {
  for (const [typed, meant] of [
    ['get', 'list'],
    ['get -o json', 'list -o json'],
    ['get enrolments', 'list'],
    ['get enrolments -w', 'list -w'],
    ['get enrolment node-1', 'show node-1'],
    ['get enrolment/node-1', 'show node-1'],
    ['get enrolment node-1 -o yaml', 'show node-1 -o yaml'],
    ['get codes', 'code list'],
    ['get code c1', 'code show c1'],
    ['get nodes --limit 3', 'nodes --limit 3'],
    ['get node node-1', 'nodes --name node-1'],
    ['describe node-1', 'show node-1'],
    ['describe enrolment/node-1', 'show node-1'],
    ['describe enrolment node-1', 'show node-1'],
    ['describe code c1', 'code show c1'],
    ['describe node node-1', 'show node-1'],
    ['delete node-1', 'remove node-1'],
    ['delete node-1 --no-drain', 'remove node-1 --no-drain'],
    ['delete -l rack=r7', 'remove -l rack=r7'],
    ['delete code c1', 'code revoke c1'],
    ['delete code/c1', 'code revoke c1'],
    ['delete codes --all', 'code revoke --all'],
    ['delete node node-1', 'remove node-1'],
    ['show node-1', 'show node-1'],
    ['constructor', 'constructor']
  ] as const) {
    t.equal(spelledOut(typed.split(' '), 0).join(' '), meant, typed)
  }
  t.same(spelledOut(['--context', 'get', 'get', 'nodes'], 2), ['--context', 'get', 'nodes'])
})

t.test('every alias that the help lists is one', async (t) => {
  for (const [typed, means] of aliasRows()) {
    t.equal(['joinery', ...spelledOut(typed.split(' '), 0)].join(' '), means, typed)
  }
})

t.test('an alias does what its command does, with the same questions', async (t) => {
  const answers = {
    list: () => ({ items: [enrolment] }),
    show: () => detail,
    listCodes: () => ({ items: [code] }),
    revokeCode: () => ({ ...code, status: 'revoked' })
  }
  t.match(await joinery(t, answers, 'get', '-o', 'name'), { exitCode: 0, out: 'enrolment/node-1\n' })
  t.match(await joinery(t, answers, 'get', 'codes', '-o', 'name'), { exitCode: 0, out: 'code/c1\n' })
  t.match(await joinery(t, answers, 'describe', 'node-1'), { exitCode: 0, out: /^Name: +node-1\n/ })
  t.match(await joinery(t, answers, 'delete', 'code/c1'), { exitCode: 0, out: 'code/c1 revoked\n' })
  const waits = await joinery(t, answers, 'delete', 'node-1')
  t.match(waits, { exitCode: 6, err: /remove is not possible: .*\nremedy: joinery reject node-1/ })
})

t.test('completion knows the aliases, and offers them to somebody who begins to type one', async (t) => {
  const offered = async (...words: string[]) => {
    const { out } = await runWith(['__complete', ...words])
    return out.split('\n').map((line) => line.split('\t')[0])
  }
  t.notOk((await offered('')).includes('get'))
  t.same(await offered('de'), ['describe', 'delete', ':4', ''])
  t.same(await offered('get', ''), ['enrolments', 'codes', 'nodes', ':4', ''])
  t.same(await offered('get', 'codes', '--st'), ['--state', ':4', ''])
  t.same(await offered('get', '--wa'), ['--watch', ':4', ''])
  t.same(await offered('get', 'nodes', '-o', 'js'), ['json', 'jsonpath=', ':4', ''])
})
