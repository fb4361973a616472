import { packagedAgentOf } from '@joinery/server/testing/commands'
import type { Metafile } from 'esbuild'
import { copyOf } from './deb.ts'
import { type JoineryPackage, joineryPackage, type Target } from './joinery-package.ts'
import { manPageFiles } from './man-pages.ts'

/** Alert rules and a dashboard, which an operator gives to a Prometheus and a Grafana of their own. */
const monitoring = () =>
  ['joinery.rules.yml', 'joinery-dashboard.json'].map((name) =>
    copyOf(`monitoring/${name}`, `/usr/share/joinery-server/monitoring/${name}`)
  )

/**
 * Of the server's heap, in MB. Below MemoryMax of its unit: most of what a connection costs is not in it, and V8 must collect
 * before the kernel kills.
 */
export const heapLimit = 512

/** `agentDeb`: the agent's package, which machines get from the server; of the same processor. */
export const serverPackage = (target: Target, bundle: Metafile, agentDeb: string): JoineryPackage =>
  joineryPackage(target, {
    part: 'server',
    description: [
      'lets approved machines join a kubeadm cluster, and no others',
      'The pairing server, for a control-plane host. It hands the joinery-agent package',
      'to the machines. The package joinery has the command of its operators.'
    ],
    depends: ['systemd'],
    control: { Recommends: 'joinery' },
    program: { folder: 'dist/server', bundle, nodeOptions: [`--max-old-space-size=${heapLimit}`] },
    scripts: 'packaging/debian/server',
    units: ['joinery-server', 'joinery-server-renew', 'joinery-server-renew.timer'],
    files: [
      copyOf('systemd/joinery-server.sysusers.conf', '/usr/lib/sysusers.d/joinery-server.conf'),
      copyOf(agentDeb, packagedAgentOf(target.architecture.debian)),
      ...manPageFiles('server', target.epoch),
      ...monitoring()
    ],
    folders: ['/etc/joinery']
  })
