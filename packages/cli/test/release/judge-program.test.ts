import t from 'tap'
import { judgeProgram } from '../../src/release/judge-program.ts'
import { ownPackages } from '../../src/release/own-package.ts'

const programs = new Map([
  ['joinery/amd64/usr/lib/joinery/joinery.mjs', 'a'],
  ['joinery/amd64/usr/lib/joinery/node', 'b'],
  ['joinery/arm64/usr/lib/joinery/joinery.mjs', 'a'],
  ['npm/joinery.mjs', 'c'],
  ['npm/console/index.html', 'd']
])
const names = (entry: string, processor = 'x64') =>
  ownPackages(programs, { entry, runtime: '', processor }).map(({ name, root }) => [name, root])

t.test('a package is found by the place of the program, and by the processor', async (t) => {
  t.same(names('/usr/lib/joinery/joinery.mjs'), [
    ['joinery/amd64', '/'],
    ['npm', '/usr/lib/joinery/']
  ])
  t.same(names('/usr/lib/joinery/joinery.mjs', 'arm64')[0], ['joinery/arm64', '/'])
  t.same(names('/opt/joinery-0.2.0/lib/joinery/joinery.mjs')[0], ['joinery/amd64', '/opt/joinery-0.2.0/'], 'an archive')
  t.same(names('C:/npm/node_modules/joinery/joinery.mjs'), [['npm', 'C:/npm/node_modules/joinery/']])
  t.same(names('/usr/lib/other/other.mjs'), [])
})

const own = {
  name: 'joinery/amd64',
  root: '/',
  files: new Map([
    ['usr/lib/joinery/joinery.mjs', 'a'],
    ['usr/lib/joinery/node', 'b']
  ])
}
const running = { runtime: '/usr/lib/joinery/node' }

t.test('a program whose files are those of the release is taken for it', async (t) => {
  t.equal(judgeProgram(own, { files: own.files, running }), undefined)
})

t.test('a file that was changed, and one that is not there, are named', async (t) => {
  const files = new Map([['usr/lib/joinery/joinery.mjs', 'x']])
  t.match(judgeProgram(own, { files, running }), {
    code: 'program-changed',
    cause:
      'not as joinery/amd64 of the release has it: /usr/lib/joinery/joinery.mjs, /usr/lib/joinery/node (it is not there)'
  })
})

t.test('a program that runs on another Node than that of its package is not taken for it', async (t) => {
  const verdict = judgeProgram(own, { files: own.files, running: { runtime: '/usr/bin/node' } })
  t.match(verdict, { code: 'runtime-changed', cause: /runs on \/usr\/bin\/node/ })
})

t.test('a package without a Node runs on any', async (t) => {
  const npm = { name: 'npm', root: '/x/', files: new Map([['joinery.mjs', 'c']]) }
  t.equal(judgeProgram(npm, { files: npm.files, running: { runtime: '/usr/bin/node' } }), undefined)
})
