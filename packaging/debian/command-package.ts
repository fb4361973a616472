import { scripts } from '@joinery/cli/testing/completion'
import type { Metafile } from 'esbuild'
import { version } from '../bundle/bundle.ts'
import { debianVersion } from '../release/version.ts'
import { type JoineryPackage, joineryPackage, type Target } from './joinery-package.ts'
import { manPageFiles } from './man-pages.ts'

/** Where each shell looks for the completion of a command. */
const completions = [
  { path: '/usr/share/bash-completion/completions/joinery', mode: 0o644, content: scripts.bash },
  { path: '/usr/share/zsh/vendor-completions/_joinery', mode: 0o644, content: scripts.zsh },
  { path: '/usr/share/fish/vendor_completions.d/joinery.fish', mode: 0o644, content: scripts.fish }
]

/** Servers that a command of this release does not stand beside: the first ones brought a command themselves. */
const olderServers = `joinery-server (<< ${debianVersion(version)})`

/** What went into the command, and into the page of the console that it serves. */
export interface CommandBundles {
  cli: Metafile
  console: readonly string[]
}

/** The package `joinery`: the operator's command, for the host of the server and for every other machine. */
export const commandPackage = (target: Target, { cli, console }: CommandBundles): JoineryPackage =>
  joineryPackage(target, {
    part: 'joinery',
    description: [
      'decides which machines join a kubeadm cluster',
      "The command of the pairing server's operators, also as kubectl joinery: as root",
      'on the host of the server, or anywhere with the rights of a Kubernetes user.'
    ],
    control: { Breaks: olderServers, Replaces: olderServers },
    program: { folder: 'dist/cli', bundle: cli },
    modules: console,
    files: [
      ...completions,
      ...manPageFiles('joinery', target.epoch),
      { path: '/usr/bin/kubectl_complete-joinery', mode: 0o755, content: '#!/bin/sh\nexec joinery __complete "$@"\n' }
    ],
    // a plugin of kubectl
    links: {
      '/usr/bin/kubectl-joinery': 'joinery',
      '/usr/share/man/man1/kubectl-joinery.1.gz': 'joinery.1.gz',
      '/usr/share/man/man1/kubectl_complete-joinery.1.gz': 'joinery-completion.1.gz'
    }
  })
