import { code, detail, enrolment, joinCommand, key, newCode, status } from '@joinery/testing/command/fixtures'
import { joinery } from '@joinery/testing/command/operators'
import t from 'tap'

const answers = {
  createCode: () => newCode,
  joinCommand: () => joinCommand,
  listCodes: () => ({ items: [code] }),
  revokeCode: () => code,
  list: () => ({ items: [enrolment] }),
  show: () => detail,
  approve: () => enrolment,
  reject: () => enrolment,
  release: () => enrolment,
  retry: () => enrolment,
  status: () => status
}

t.test('-o wide is taken by every command with a table, and prints the same if there is no more', async (t) => {
  for (const words of [
    ['code', 'create'],
    ['join-command', '--name', 'node-1'],
    ['code', 'revoke', 'c1', 'c2'],
    ['show', 'node-1'],
    ['approve', 'node-1', 'node-2', '--yes'],
    ['reject', 'node-1', '--reason', 'x'],
    ['release', 'node-1', '--key', key],
    ['retry', 'node-1', '--yes'],
    ['status']
  ]) {
    const table = await joinery(t, answers, ...words, '-o', 'table')
    t.same(await joinery(t, answers, ...words, '-o', 'wide'), table, words.join(' '))
    t.same(await joinery(t, answers, ...words), table, words.join(' '))
    t.equal(table.exitCode, 0, words.join(' '))
    t.not(table.out, '', words.join(' '))
  }
})
