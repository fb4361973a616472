import type { Metafile } from 'esbuild'
import { copyOf } from './deb.ts'
import { type JoineryPackage, joineryPackage, type Target } from './joinery-package.ts'
import { manPageFiles } from './man-pages.ts'

export const agentPackage = (target: Target, bundle: Metafile): JoineryPackage =>
  joineryPackage(target, {
    part: 'agent',
    description: [
      'joins this machine to a kubeadm cluster',
      'Enrols with a one-time code, waits until an operator approves, runs kubeadm',
      'join, and ends when the node is Ready.'
    ],
    // 3 MB less while it waits
    program: { folder: 'dist/agent', bundle, nodeOptions: ['--max-semi-space-size=1'] },
    scripts: 'packaging/debian/agent',
    units: [
      'joinery-agent',
      'joinery-agent-boot',
      'joinery-join',
      'joinery-mend',
      'joinery-recover',
      'joinery-recover.timer',
      'joinery-reset'
    ],
    files: [
      copyOf('systemd/joinery-agent.tmpfiles.conf', '/usr/lib/tmpfiles.d/joinery-agent.conf'),
      ...manPageFiles('agent', target.epoch)
    ],
    folders: ['/etc/joinery']
  })
