import { readBootstrap } from '@joinery/fake-machine'
import { filesUnder } from '@joinery/host/files'
import t from 'tap'
import { startEtcd } from '../../../src/machine/control-plane/start-etcd.ts'

const conf = '/etc/kubernetes/bootstrap-kubelet.conf'

t.test('the kubelet starts without a credential only if there is an etcd for it to run', async (t) => {
  const files = filesUnder(t.testdir({}))
  const ran: string[] = []
  const start = () => startEtcd(files, async (argv) => String(ran.push(argv.join(' '))), 'fd00::9')
  await start()
  await files.write('/etc/kubernetes/pki/ca.crt', 'the CA', 0o644)
  await start()
  t.same(ran, [])
  t.notOk(await files.exists(conf))

  await files.write('/etc/kubernetes/manifests/etcd.yaml', 'kind: Pod', 0o600)
  await start()
  await start()
  t.same(new Set(ran), new Set(['systemctl start --no-block kubelet.service']))
  t.match(readBootstrap((await files.read(conf)) ?? ''), {
    server: 'https://[fd00::9]:6443',
    certificateAuthority: 'the CA',
    user: { token: '' }
  })
})
