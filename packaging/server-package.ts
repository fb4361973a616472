import { scripts } from '@joinery/cli/testing/completion'
import { packagedAgentOf } from '@joinery/server/testing/commands'
import type { Metafile } from 'esbuild'
import { copyOf, type JoineryPackage, joineryPackage, type Target } from './joinery-package.ts'
import { manPageFiles } from './man-pages.ts'

/** Where each shell looks for the completion of a command. */
const completions = [
  { path: '/usr/share/bash-completion/completions/joinery', mode: 0o644, content: scripts.bash },
  { path: '/usr/share/zsh/vendor-completions/_joinery', mode: 0o644, content: scripts.zsh },
  { path: '/usr/share/fish/vendor_completions.d/joinery.fish', mode: 0o644, content: scripts.fish }
]

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

/** What went into the programs of the package, and into the page of the console. */
export interface ServerBundles {
  server: Metafile
  cli: Metafile
  console: readonly string[]
}

/** `agentDeb`: the agent's package, which machines get from the server; of the same processor. */
export const serverPackage = (
  target: Target,
  { server, cli, console }: ServerBundles,
  agentDeb: string
): JoineryPackage =>
  joineryPackage(target, {
    part: 'server',
    description: [
      'lets approved machines join a kubeadm cluster, and no others',
      'The pairing server, for a control-plane host, and joinery, the command of its',
      'operators. It hands the joinery-agent package to the machines.'
    ],
    depends: ['systemd'],
    programs: [
      { name: 'joinery-server', folder: 'server', bundle: server, nodeOptions: [`--max-old-space-size=${heapLimit}`] },
      { name: 'joinery', folder: 'cli', bundle: cli }
    ],
    modules: console,
    units: ['joinery-server', 'joinery-server-renew', 'joinery-server-renew.timer'],
    files: [
      copyOf('systemd/joinery-server.sysusers.conf', '/usr/lib/sysusers.d/joinery-server.conf'),
      copyOf(agentDeb, packagedAgentOf(target.architecture.debian)),
      ...completions,
      ...manPageFiles('server', target.epoch),
      ...monitoring(),
      { path: '/usr/bin/kubectl_complete-joinery', mode: 0o755, content: '#!/bin/sh\nexec joinery __complete "$@"\n' }
    ],
    // a plugin of kubectl
    links: {
      '/usr/bin/kubectl-joinery': 'joinery',
      '/usr/share/man/man1/kubectl-joinery.1.gz': 'joinery.1.gz',
      '/usr/share/man/man1/kubectl_complete-joinery.1.gz': 'joinery-completion.1.gz'
    }
  })
