import { execFileSync } from 'node:child_process'
import t from 'tap'
import { shellWord } from '../../src/text/shell-word.ts'

t.test('what a shell takes as it is has no quotes, and everything comes out as it went in', async (t) => {
  for (const plain of ['drain', '--timeout=5m', '/etc/kubernetes/admin.conf', '-o'])
    t.equal(shellWord(plain), plain, plain)
  for (const text of ['', 'a=b', 'a b', "it's", '$(id)', '-x;id', '--name=`id`', '~', 'a\nb', '*']) {
    t.equal(execFileSync('sh', ['-c', `printf '%s.' ${shellWord(text)}`], { encoding: 'utf8' }), `${text}.`, text)
  }
})
