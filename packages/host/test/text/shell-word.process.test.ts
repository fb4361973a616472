import { execFileSync } from 'node:child_process'
import t from 'tap'
import { shellWord } from '../../src/text/shell-word.ts'

t.test('a plain word has no quotes, and every text comes out of the shell as it went in', async (t) => {
  for (const plain of ['drain', '--timeout=5m', '/etc/kubernetes/admin.conf', '-o'])
    t.equal(shellWord(plain), plain, plain)
  for (const text of ['', 'a=b', 'a b', "it's", '$(id)', '-x;id', '--name=`id`', '~', 'a\nb', '*']) {
    t.equal(execFileSync('sh', ['-c', `printf '%s.' ${shellWord(text)}`], { encoding: 'utf8' }), `${text}.`, text)
  }
})
