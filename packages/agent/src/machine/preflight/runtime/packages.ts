import { searchPath } from '@joinery/host/exec'
import type { Host } from '../../../host/host.ts'

/** The package manager of this machine. `none`: one that is not known here. */
export type PackageManager = 'apt' | 'dnf' | 'zypper' | 'none'

const programs: readonly (readonly [program: string, manager: PackageManager])[] = [
  ['apt-get', 'apt'],
  ['dnf', 'dnf'],
  ['zypper', 'zypper']
]

export const packageManager = async (host: Pick<Host, 'list'>): Promise<PackageManager> => {
  const there = new Set((await Promise.all(searchPath.map((folder) => host.list(folder)))).flat())
  return programs.find(([program]) => there.has(program))?.[1] ?? 'none'
}

/** Other distributions' names for what Debian calls so. Undefined: their own repositories do not have the package. */
const names: Readonly<Record<string, Partial<Record<PackageManager, string | undefined>>>> = {
  mount: { dnf: 'util-linux', zypper: 'util-linux' },
  iproute2: { dnf: 'iproute iproute-tc' },
  conntrack: { dnf: 'conntrack-tools', zypper: 'conntrack-tools' },
  // the package has another name in each release
  ebtables: { dnf: '/usr/sbin/ebtables' },
  'systemd-timesyncd': { dnf: 'chrony', zypper: 'chrony' },
  containerd: { dnf: undefined },
  apparmor: { dnf: undefined, zypper: 'apparmor-parser' },
  'container-selinux': { apt: undefined }
}

const commands = {
  apt: 'apt-get install -y',
  dnf: 'dnf install -y',
  zypper: 'zypper --non-interactive install'
} as const

/** Lines of a remedy that install packages on this machine, given by Debian's names. */
export const install = async (host: Pick<Host, 'list'>, ...wanted: string[]): Promise<string[]> => {
  const manager = await packageManager(host)
  const found = wanted.map((name) => (name in names && manager in (names[name] ?? {}) ? names[name]?.[manager] : name))
  const missing = wanted.filter((_, index) => manager === 'none' || found[index] === undefined)
  const there = [...new Set(manager === 'none' ? [] : found.filter((name) => name !== undefined))]
  return [
    ...(missing.length > 0 ? [`# install ${missing.join(' ')}, as this distribution does it`] : []),
    ...(manager !== 'none' && there.length > 0 ? [`${commands[manager]} ${there.join(' ')}`] : [])
  ]
}

const key = '/etc/apt/keyrings/kubernetes.asc'
const guide = 'https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm'

/** Folders in which each package manager keeps its repositories. */
const repositories: Readonly<Record<Exclude<PackageManager, 'none'>, readonly string[]>> = {
  apt: ['/etc/apt/sources.list.d'],
  dnf: ['/etc/yum.repos.d'],
  zypper: ['/etc/zypp/repos.d']
}

/**
 * Lines that install packages of Kubernetes, from the community's repository for `minor`: no distribution has them.
 * If that version is not known, somebody has to choose it. `exact`: in place of a newer or older one that is there.
 */
export const installKubernetes = async (
  host: Pick<Host, 'list' | 'read'>,
  packages: readonly string[],
  minor: number | undefined,
  exact = false
): Promise<string[]> => {
  const manager = await packageManager(host)
  if (manager === 'none')
    return [`# install ${packages.join(' ')}${minor === undefined ? '' : ` 1.${minor}`}: ${guide}`]
  const wanted =
    exact && minor !== undefined ? exactly(manager, packages, minor) : `${commands[manager]} ${packages.join(' ')}`
  const hold = exact && manager === 'apt' ? [`apt-mark hold ${packages.join(' ')}`] : []
  if (await knowsRepository(host, manager, minor)) {
    return [...(manager === 'apt' ? ['apt-get update'] : []), wanted, ...hold]
  }
  if (minor === undefined) {
    return [`# first add the package repository of Kubernetes for the version of the cluster: ${guide}`, wanted]
  }
  return [...addRepository(manager, minor), wanted, ...hold]
}

/** True if the machine knows the repository. A repository for another minor version does not have the packages. */
const knowsRepository = async (
  host: Pick<Host, 'list' | 'read'>,
  manager: Exclude<PackageManager, 'none'>,
  minor: number | undefined
): Promise<boolean> => {
  const wanted =
    minor === undefined ? /kubernetes|k8s\.io/ : new RegExp(`(kubernetes|k8s\\.io).*v?1\\.${minor}\\b`, 's')
  for (const folder of repositories[manager]) {
    for (const file of await host.list(folder)) {
      if (wanted.test((await host.read(`${folder}/${file}`)) ?? '')) return true
    }
  }
  return false
}

const addRepository = (manager: Exclude<PackageManager, 'none'>, minor: number): string[] => {
  const url = `https://pkgs.k8s.io/core:/stable:/v1.${minor}`
  switch (manager) {
    case 'apt':
      return [
        'apt-get update',
        'apt-get install -y ca-certificates curl',
        'mkdir -p /etc/apt/keyrings',
        `curl -fsSL -o ${key} ${url}/deb/Release.key`,
        `echo 'deb [signed-by=${key}] ${url}/deb/ /' > /etc/apt/sources.list.d/kubernetes.list && apt-get update`
      ]
    case 'dnf':
      return [
        `printf '%s\\n' '[kubernetes]' name=Kubernetes baseurl=${url}/rpm/ gpgcheck=1 gpgkey=${url}/rpm/repodata/repomd.xml.key > /etc/yum.repos.d/kubernetes.repo`
      ]
    case 'zypper':
      return [
        `rpm --import ${url}/rpm/repodata/repomd.xml.key`,
        `zypper --non-interactive addrepo --gpgcheck ${url}/rpm/ kubernetes-1.${minor}`
      ]
  }
}

const exactly = (manager: Exclude<PackageManager, 'none'>, packages: readonly string[], minor: number): string => {
  switch (manager) {
    case 'apt':
      return `apt-get install -y --allow-downgrades --allow-change-held-packages ${packages.map((name) => `${name}='1.${minor}.*'`).join(' ')}`
    case 'dnf':
      return `dnf install -y --allowerasing ${packages.map((name) => `'${name}-1.${minor}.*'`).join(' ')}`
    case 'zypper':
      return `zypper --non-interactive install --oldpackage ${packages.map((name) => `'${name}<1.${minor + 1}'`).join(' ')}`
  }
}
