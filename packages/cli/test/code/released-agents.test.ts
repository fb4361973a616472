import { newCode } from '@joinery/testing/command/fixtures'
import { runWith, serveOperators } from '@joinery/testing/command/operators'
import t from 'tap'

const served = newCode.install.package?.sha256 ?? ''
const line = (sha256: string, architecture: string) => `${sha256}  joinery-agent_0.2.0_${architecture}.deb\n`
const other = 'd'.repeat(64)

for (const [what, sums, warns] of [
  ['a server that hands out the agent of the same release', line(other, 'amd64') + line(served, 'arm64'), false],
  ['a server that hands out another agent', line(other, 'amd64') + line('e'.repeat(64), 'arm64'), true],
  ['a command that was not released', undefined, false]
] as const) {
  t.test(`user-data ${warns ? 'brings a warning' : 'brings no warning'}: ${what}`, async (t) => {
    const releaseFolder = t.testdir(sums === undefined ? {} : { 'agents.sha256': sums })
    const { socket } = await serveOperators(t, { createCode: () => newCode })
    for (const words of [['code', 'create', '--cloud-init'], ['cloud-init']]) {
      const { exitCode, out, err } = await runWith(words, { socket, releaseFolder })
      t.equal(exitCode, 0, err)
      t.match(out, served, 'it is made all the same')
      t.equal(
        /^Warning: the agent package of the pairing server, with SHA-256 \S+, is none of release/m.test(err),
        warns
      )
    }
  })
}
