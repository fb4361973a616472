import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { bundleAll, root, version } from './bundle.ts'
import { buildDeb, type PackageFile } from './deb.ts'
import { bundledLicences } from './licences.ts'
import { nodeLicence, nodeRuntime } from './node-runtime.ts'
import { tool } from './tool.ts'

const limit = 32_000_000

process.chdir(root)
process.env.SOURCE_DATE_EPOCH ??= tool('git', 'log', '-1', '--format=%ct')

const { agent } = await bundleAll()

const file = (path: string, source: string, mode = 0o644): PackageFile => ({
  path,
  mode,
  content: readFileSync(source)
})
const units = ['joinery-agent', 'joinery-agent-boot', 'joinery-join', 'joinery-reset']
const lib = '/usr/lib/joinery-agent'

const deb = buildDeb('dist', {
  control: {
    Package: 'joinery-agent',
    Version: version,
    Architecture: 'amd64',
    Maintainer: 'The Joinery authors <authors@joinery.invalid>',
    Section: 'admin',
    Priority: 'optional',
    Depends: 'libc6 (>= 2.28), libstdc++6 (>= 5.2)',
    Description: [
      'joins this machine to a kubeadm cluster',
      'Enrols with a one-time code, waits until an operator approves, runs kubeadm',
      'join, and ends when the node is Ready.'
    ].join('\n')
  },
  scripts: Object.fromEntries(
    ['postinst', 'prerm', 'postrm'].map((name) => [name, readFileSync(`packaging/agent/${name}`)])
  ),
  files: [
    file('/usr/bin/joinery-agent', 'packaging/agent/joinery-agent', 0o755),
    ...readdirSync('dist/agent').map((name) => file(`${lib}/${name}`, `dist/agent/${name}`)),
    ...nodeRuntime(lib),
    ...units.map((unit) => file(`/usr/lib/systemd/system/${unit}.service`, `systemd/${unit}.service`)),
    file('/usr/lib/tmpfiles.d/joinery-agent.conf', 'systemd/joinery-agent.tmpfiles.conf'),
    file('/usr/share/doc/joinery-agent/copyright', 'packaging/agent/copyright'),
    {
      path: '/usr/share/doc/joinery-agent/licences',
      mode: 0o644,
      content: `${bundledLicences(agent)}\n==== Node.js\n\n${nodeLicence}`
    }
  ],
  folders: ['/etc/joinery']
})

const { size } = statSync(deb)
console.log(`${deb} ${(size / 1e6).toFixed(1)} MB`)
console.log(`sha256 ${createHash('sha256').update(readFileSync(deb)).digest('hex')}`)
if (size > limit) throw new Error(`${deb} is larger than ${limit / 1e6} MB`)
