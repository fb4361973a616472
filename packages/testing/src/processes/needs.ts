import { existsSync } from 'node:fs'
import { join } from 'node:path'

interface Taken {
  /** Subject of the tests that are skipped without it. */
  for: string
  /** Debian package that brings it. Absent if none does. */
  package?: string
}

/** Things that tests take from a machine beside Git and Node. CONTRIBUTING.md and `.ci/run` have the same list. */
export const taken = {
  'apt-ftparchive': { for: 'a repository of packages, which apt judges', package: 'apt-utils' },
  bash: { for: 'completion in bash', package: 'bash' },
  chromium: { for: 'the pages of the console', package: 'chromium' },
  'cloud-init': { for: 'user-data, judged by cloud-init that `apt-get download` brings' },
  curl: { for: "what Ubuntu's installer does on bare metal", package: 'curl' },
  'debconf-set-selections': { for: 'the form of a preseed', package: 'debconf' },
  'dpkg-deb': { for: 'what is in a package', package: 'dpkg' },
  fish: { for: 'completion in fish', package: 'fish' },
  genisoimage: { for: 'seeds as a disk', package: 'genisoimage' },
  go: { for: 'logs and objects, judged by implementations that are not ours' },
  gpg: { for: 'signatures of a release and of the packaged Node', package: 'gnupg' },
  less: { for: 'long lists in a pager', package: 'less' },
  'libdeflate-gzip': { for: 'archives for machines without dpkg', package: 'libdeflate-tools' },
  openssl: { for: 'commands of the pages on monitoring and serving certificates', package: 'openssl' },
  promtool: { for: 'alert rules and the dashboard, by a real Prometheus', package: 'prometheus' },
  python3: { for: 'installers that user-data brings', package: 'python3' },
  schemathesis: { for: 'both APIs, called by their documents' },
  script: { for: 'questions and pagers on a terminal', package: 'bsdutils' },
  'ssh-keygen': { for: 'signatures of a release', package: 'openssh-client' },
  strace: { for: 'that acknowledged means written, and a failed sync', package: 'strace' },
  'systemd-analyze': { for: "units, judged by systemd's own command", package: 'systemd' },
  'user namespaces': { for: 'a full disk' },
  wget: { for: "what Debian's installer does on bare metal", package: 'wget' },
  zsh: { for: 'completion in zsh', package: 'zsh' }
} satisfies Record<string, Taken>

/**
 * Reason to skip a test that needs this, or false. In CI nothing is skipped: there the test runs, and fails. A command is
 * there if it is on the path; for all else the caller says how to see it.
 */
export const needs = (name: keyof typeof taken, isHere = () => isOnPath(name)): string | false => {
  if (process.env.CI === 'true' || isHere()) return false
  const { package: brings }: Taken = taken[name]
  return `there is no ${name} here${brings === undefined ? '' : `: apt-get install ${brings}`}`
}

/** Reason to skip a test of what only root may do, such as to give a file to another user. False as root. */
export const needsRoot = process.getuid?.() !== 0 && 'needs root'

const isOnPath = (command: string): boolean =>
  (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, command)))
