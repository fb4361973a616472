import { status } from '@joinery/testing/command/fixtures'
import { joinery, runWith } from '@joinery/testing/command/operators'
import t from 'tap'

const serves = (version: string, kubernetes: string) => ({
  status: () => ({ ...status, version, cluster: { version: kubernetes } })
})

t.test('version shows command, server and cluster', async (t) => {
  const { out, err, exitCode } = await joinery(t, serves('0.1.0', 'v1.37.2'), 'version')
  t.equal(out, 'Command:      dev\nServer:       0.1.0\nKubernetes:   v1.37.2\nWhat to do:   nothing\n')
  t.equal(err, '')
  t.equal(exitCode, 0)
})

t.test(
  'version ends with 7 and says what to do if the cluster is of no version that a release is tested with',
  async (t) => {
    const { out, err, exitCode } = await joinery(t, serves('0.1.0', 'v1.30.1'), 'version')
    t.match(out, /^What to do:\n- Kubernetes v1\.30\.1 is not one .*: kubeadm upgrade plan\n$/m)
    t.equal(err, 'error: the versions do not fit together\n')
    t.equal(exitCode, 7)
  }
)

t.test('version -o json has a document', async (t) => {
  const { out } = await joinery(t, serves('0.1.0', 'v1.37.2'), 'version', '-o', 'json')
  t.same(JSON.parse(out), { command: 'dev', server: '0.1.0', kubernetes: 'v1.37.2', misfits: [] })
})

t.test('version shows its own version if no server answers, and then why', async (t) => {
  const socket = '/nowhere/operator.sock'
  const { out, err, exitCode } = await runWith(['version', '--socket', socket])
  t.equal(out, 'Command:      dev\nServer:       does not answer\nKubernetes:   not known\n')
  t.match(err, /^error: no pairing server listens on \/nowhere\/operator\.sock\nremedy: /)
  t.equal(exitCode, 1)
  const json = await runWith(['version', '-o', 'json', '--socket', socket])
  t.same(JSON.parse(json.out), { command: 'dev', misfits: [] })
})

t.test('version does not take --signers without --verify', async (t) => {
  const { err, exitCode } = await runWith(['version', '--signers', 'allowed_signers'])
  t.match(err, /^error: --signers needs --verify\n/)
  t.equal(exitCode, 2)
})
