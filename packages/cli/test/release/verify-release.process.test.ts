import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runWith } from '@joinery/testing/command/operators'
import t, { type Test } from 'tap'

const sum = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex')
const code = 'console.log("a program")\n'

/** A release of one package with its Node, which lies installed below `root`. */
const installed = (t: Test, more: string = '') => {
  const folder = realpathSync(
    t.testdir({ root: { usr: { lib: { joinery: { 'joinery.mjs': code, node: 'a runtime' } }, bin: {} } }, release: {} })
  )
  const lib = join(folder, 'root/usr/lib/joinery')
  const programs = [
    `${sum(code)}  joinery/amd64/usr/lib/joinery/joinery.mjs`,
    `${sum('a runtime')}  joinery/amd64/usr/lib/joinery/node`,
    `${sum('other')}  joinery-server/amd64/usr/lib/joinery-server/joinery-server.mjs`,
    more
  ].join('\n')
  const release = join(folder, 'release')
  writeFileSync(join(release, 'PROGRAMS'), programs)
  writeFileSync(join(release, 'SHA256SUMS'), `${sum(programs)}  PROGRAMS\n${sum('x')}  joinery_amd64.deb\n`)
  symlinkSync(join(lib, 'joinery.mjs'), join(folder, 'root/usr/bin/joinery'))
  const program = { entry: join(folder, 'root/usr/bin/joinery'), runtime: join(lib, 'node'), processor: 'x64' }
  const sums = join(release, 'SHA256SUMS')
  const verify = (...words: string[]) =>
    runWith(['version', '--verify', sums, ...words], { program, told: (text: string) => text })
  return { lib, release, sums, program, verify }
}

/** Makes a key that signs releases, and the file by which others know it. */
const makeKey = (folder: string, name: string): string => {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folder, name)])
  const signers = join(folder, `${name}.signers`)
  writeFileSync(signers, `${name} namespaces="joinery-release" ${readFileSync(join(folder, `${name}.pub`), 'utf8')}`)
  return signers
}
const sign = (key: string, sums: string, namespace = 'joinery-release') => {
  rmSync(`${sums}.sig`, { force: true })
  execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-n', namespace, '-f', key, sums], { stdio: 'ignore' })
}

t.test('a program whose files are those of the release is verified without a server', async (t) => {
  const { verify, sums } = installed(t)
  const { out, err, exitCode } = await verify()
  t.equal(out, `2 files of this program are those of joinery/amd64 in ${sums}.\n`)
  t.match(err, `-n joinery-release -f allowed_signers`)
  t.equal(exitCode, 0)
  t.match(JSON.parse((await verify('-o', 'json')).out), {
    command: 'dev',
    verified: { package: 'joinery/amd64', files: 2, next: /^ssh-keygen -Y verify / }
  })
})

const refusals: [what: string, code: string, harm: (made: ReturnType<typeof installed>) => void][] = [
  ['code that somebody changed', 'program-changed', ({ lib }) => writeFileSync(join(lib, 'joinery.mjs'), 'evil()')],
  ['a runtime that somebody changed', 'program-changed', ({ lib }) => writeFileSync(join(lib, 'node'), 'evil')],
  ['a file that is gone', 'program-changed', ({ lib }) => rmSync(join(lib, 'node'))],
  ['PROGRAMS of another release', 'programs-changed', ({ release }) => writeFileSync(join(release, 'PROGRAMS'), 'x')],
  ['sums that do not name PROGRAMS', 'programs-changed', ({ sums }) => writeFileSync(sums, `${sum('x')}  x.deb\n`)],
  ['sums that are none', 'sums-unreadable', ({ sums }) => writeFileSync(sums, '<html>not found</html>\n')],
  ['another runtime', 'runtime-changed', ({ program }) => Object.assign(program, { runtime: process.execPath })],
  ['a program of another processor', 'program-unknown', ({ program }) => Object.assign(program, { processor: 'ia32' })]
]
for (const [what, refused, harm] of refusals) {
  t.test(`${what} is refused: ${refused}`, async (t) => {
    const made = installed(t)
    harm(made)
    const { out, err, exitCode } = await made.verify()
    t.equal(out, '')
    t.match(err, new RegExp(`^error: .* \\(${refused}\\)\nremedy: `))
    t.equal(exitCode, 7)
  })
}

t.test('a program of npm runs on a Node of its own, which is named', async (t) => {
  const { verify, lib, program } = installed(t, `${sum(code)}  npm/joinery.mjs`)
  rmSync(join(lib, 'node'))
  Object.assign(program, { runtime: process.execPath })
  const { out, exitCode } = await verify()
  t.match(out, /1 files of this program are those of npm/)
  t.match(out, `It runs on ${realpathSync(process.execPath)}, which no release has.\n`)
  t.equal(exitCode, 0)
})

t.test('the signature is checked by the allowed signers', async (t) => {
  const { verify, sums, release } = installed(t)
  const signers = makeKey(release, 'releases')
  sign(join(release, 'releases'), sums)
  const { out, err, exitCode } = await verify('--signers', signers)
  t.match(out, `${sums} is signed by releases.\n`)
  t.equal(err, '')
  t.equal(exitCode, 0)

  t.test('the command that is printed checks it too', async (t) => {
    const { next } = JSON.parse((await verify('-o', 'json')).out).verified
    const said = execFileSync('sh', ['-c', next.replaceAll('allowed_signers', signers)], { encoding: 'utf8' })
    t.match(said, /^Good "joinery-release" signature for releases/)
  })

  t.test('another key, another namespace, other sums and no signature are refused', async (t) => {
    const other = makeKey(release, 'others')
    t.match(await verify('--signers', other), { exitCode: 7, err: /\(signature-wrong\)/ })
    sign(join(release, 'releases'), sums, 'git')
    t.match(await verify('--signers', signers), { exitCode: 7, err: /\(signature-wrong\)/ })
    sign(join(release, 'releases'), sums)
    writeFileSync(sums, `${readFileSync(sums, 'utf8')}${sum('y')}  more.deb\n`)
    t.match(await verify('--signers', signers), { exitCode: 7, err: /\(signature-wrong\)/ })
    rmSync(`${sums}.sig`)
    t.match(await verify('--signers', signers), { exitCode: 7, err: /\(signature-missing\)/ })
  })
})
