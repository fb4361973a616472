import t from 'tap'
import type { PreflightInput } from '../../../../src/machine/preflight/check/preflight-input.ts'
import { proxy } from '../../../../src/machine/preflight/network/proxy.ts'
import { table } from '../../../support/check-table.ts'
import { cluster } from '../../../support/link-host.ts'
import { type Table, tableHost } from '../../../support/table-host.ts'

const input: PreflightInput = {
  role: 'worker',
  apiEndpoint: 'api.example.com:6443',
  nodeIp: '172.30.0.11',
  ignore: [],
  cluster
}

const show = 'systemctl show containerd.service kubelet.service joinery-join.service --property=Id,Environment'
const units = (containerd: string, kubelet: string, more: Table = {}): Table => ({
  ...more,
  commands: {
    [show]: `Id=containerd.service\nEnvironment=${containerd}\n\nId=kubelet.service\nEnvironment=${kubelet}\n\nId=joinery-join.service\nEnvironment=\n`
  }
})
const all = 'api.example.com,172.30.0.0/24,10.244.0.0/16,10.96.0.0/12'

table(proxy(input), [
  { name: 'none', machine: {}, verdict: 'pass', finding: /^no proxy is set for https$/ },
  {
    name: 'one for http alone, which the API server is not asked by',
    machine: { environment: { HTTP_PROXY: 'http://proxy:3128' } },
    verdict: 'pass',
    finding: /^no proxy is set for https$/
  },
  {
    name: 'all that is the cluster’s is left out',
    machine: units(`HTTPS_PROXY=http://proxy:3128 NO_PROXY=${all}`, ''),
    verdict: 'pass',
    finding: /^containerd\.service has the proxy proxy:3128, and NO_PROXY has all addresses of the cluster/
  },
  {
    name: 'nothing is left out',
    machine: units('', 'HTTPS_PROXY=http://proxy:3128'),
    verdict: 'warn',
    finding:
      /^kubelet\.service has the proxy proxy:3128, and NO_PROXY lacks api\.example\.com, 172\.30\.0\.1, 172\.30\.0\.11, 10\.244\.0\.0\/16, 10\.96\.0\.0\/16$/,
    remedy:
      / 'NO_PROXY=api\.example\.com,172\.30\.0\.1,172\.30\.0\.11,10\.244\.0\.0\/16,10\.96\.0\.0\/16' > \/etc\/systemd\/system\/kubelet\.service\.d\/zz-no-proxy\.conf && systemctl daemon-reload && /
  },
  {
    name: 'something is left out already, in a list with spaces, by the variable in small letters',
    machine: units('"no_proxy=.svc, api.example.com, 172.30.0.0/24" https_proxy=proxy:3128', ''),
    verdict: 'warn',
    finding: /has the proxy proxy:3128, and NO_PROXY lacks 10\.244\.0\.0\/16, 10\.96\.0\.0\/16$/,
    remedy: /'NO_PROXY=\.svc, api\.example\.com, 172\.30\.0\.0\/24,10\.244\.0\.0\/16,10\.96\.0\.0\/16'/
  },
  {
    name: 'the capital variable comes first',
    machine: units(`HTTPS_PROXY=proxy:3128 NO_PROXY=${all} no_proxy=x`, ''),
    verdict: 'pass',
    finding: /has all addresses of the cluster$/
  },
  {
    name: 'in /etc/environment, for who runs kubeadm by hand',
    machine: {
      files: { '/etc/environment': '# set by IT\nexport https_proxy="http://proxy:3128"\nNO_PROXY=10.0.0.0/8\n' }
    },
    verdict: 'warn',
    finding: /^\/etc\/environment has the proxy proxy:3128, and NO_PROXY lacks api\.example\.com, 172/,
    remedy: /&& sed -i '\$a NO_PROXY=10\.0\.0\.0\/8,api\.example\.com,172\.30\.0\.1,172\.30\.0\.11' \/etc\/environment$/
  },
  {
    name: 'in the agent’s own environment, as systemd may give it to every unit',
    machine: { environment: { HTTPS_PROXY: 'http://proxy:3128' } },
    verdict: 'warn',
    finding: /^the agent's environment has the proxy/,
    remedy: /try-restart joinery-agent\.service$/
  },
  {
    name: 'a proxy that is no address',
    machine: { environment: { HTTPS_PROXY: 'http://%%' } },
    verdict: 'warn',
    finding: /has the proxy \(which is no address\)/,
    remedy: /NO_PROXY/
  }
])

t.test('preflight never shows the name and password of a proxy', async (t) => {
  for (const text of ['http://joe:s3cret@proxy:3128', 'joe:s3cret@proxy:3128', 'http://joe:s3cret@pro xy']) {
    for (const machine of [{ environment: { HTTPS_PROXY: text } }, units(`"HTTPS_PROXY=${text}"`, '')]) {
      const found = await proxy(input).run(tableHost(machine))
      t.equal(found.verdict, 'warn', JSON.stringify(machine))
      t.notMatch(JSON.stringify(found), /joe|s3cret/, text)
    }
  }
})

t.test('the proxy check passes if nothing is known of the cluster', async (t) => {
  const found = await proxy({ role: 'worker', ignore: [] }).run(
    tableHost({ environment: { HTTPS_PROXY: 'http://proxy:3128' } })
  )
  t.equal(found.verdict, 'pass')
})
